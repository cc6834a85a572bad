import type { World } from "../core/world.ts";
import type { FaultPanel } from "../http/faults.ts";
import { rfc3339 } from "../wire/wire.ts";

const MAX_ROWS = 20;

const STYLE =
  "body{font:15px/1.5 system-ui;margin:2rem;max-width:70rem}table{border-collapse:collapse;margin:0 0 1.5rem}" +
  "td,th{padding:.2rem .8rem .2rem 0;text-align:left;border-bottom:1px solid #8884}:root{color-scheme:light dark}";

/** A page that shows what the sandbox holds, newest first, and reads itself again every two seconds. */
export function renderPage(world: World, faults: FaultPanel): string {
  const { state } = world;
  const counts = Object.entries(state.counts()).filter(([, count]) => count > 0);
  const meters = state.meters.values().map(({ wire }) => [wire.id, wire.event_name, wire.status]);
  const invoices = state.invoices
    .values()
    .map(({ wire }) => [wire.id, String(wire.customer), wire.status ?? "", `${wire.total} ${wire.currency}`]);
  const clocks = state.testClocks.values().map(({ id, nowMs, wire }) => [id, rfc3339(nowMs), wire.status]);
  const events = state.events.values().map((row) => [row.id, row.type, rfc3339(row.createdAt)]);
  const rules = faults.list().map((rule) => [rule.id, JSON.stringify(rule.effect), rule.path, String(rule.rate)]);
  return [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="2">`,
    `<title>Stripe sandbox</title><style>${STYLE}</style></head><body><h1>Stripe sandbox</h1>`,
    `<p>A local stand-in, not Stripe. Its time is ${rfc3339(world.clock.now())}.</p>`,
    table(
      "Holds",
      ["What", "How many"],
      counts.map(([name, count]) => [name, String(count)]),
    ),
    table("Meters", ["Id", "Event name", "Status"], meters),
    table("Test clocks", ["Id", "Time", "Status"], clocks),
    table("Invoices", ["Id", "Customer", "Status", "Total (minor units)"], invoices.reverse()),
    table("Events", ["Id", "Type", "Created"], events.reverse()),
    table("Faults", ["Id", "Effect", "Path", "Rate"], rules),
    "</body></html>",
  ].join("\n");
}

function table(title: string, heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return `<h2>${title}</h2><p>None.</p>`;
  const head = heads.map((text) => `<th scope="col">${text}</th>`).join("");
  const shown = rows
    .slice(0, MAX_ROWS)
    .map((row) => `<tr>${row.map((cell) => `<td>${escape(cell)}</td>`).join("")}</tr>`);
  const more = rows.length > MAX_ROWS ? `<p>And ${rows.length - MAX_ROWS} more.</p>` : "";
  return `<h2>${title}</h2><table><thead><tr>${head}</tr></thead><tbody>${shown.join("")}</tbody></table>${more}`;
}

/** Text that is safe between and inside tags. */
export function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
