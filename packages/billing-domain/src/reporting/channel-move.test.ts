import { describe, expect, test } from "vitest";
import { decideCutOver, decideRollBack, edgeOfMove, termToRenew } from "./channel-move.ts";
import type { ChannelMove } from "./report-channels.ts";

const at = (text: string) => Date.parse(`${text}Z`);
const april = at("2026-04-01T00:00");
const may = at("2026-05-01T00:00");
const june = at("2026-06-01T00:00");
const now = at("2026-04-10T00:00");
const minute = 60_000;

const moving = (times: Partial<ChannelMove> = {}): ChannelMove => ({
  from: "RECORDS",
  to: "EVENTS",
  shadowSince: at("2026-03-10T00:00"),
  cutOverAt: null,
  rolledBackAt: null,
  ...times,
});
const term = (startsAt: number, endsAt: number | null = null) => ({
  startsAt,
  endsAt,
  cycle: { anchorAt: april, interval: "MONTH", intervalCount: 1 } as const,
});

describe("the edge", () => {
  test("is the end of the running period, up to ten minutes before it; then the end of the next", () => {
    expect(edgeOfMove([term(april)], now)).toBe(may);
    expect(edgeOfMove([term(april)], may - 10 * minute)).toBe(may);
    expect(edgeOfMove([term(april)], may - 10 * minute + 1)).toBe(june);
  });

  test("renews the subscription that runs over it, and none that ends or begins there", () => {
    expect(termToRenew([term(april)], may)).toMatchObject({ startsAt: april });
    expect(termToRenew([term(april, june)], may)).toMatchObject({ startsAt: april });
    expect(termToRenew([term(april, may), term(may)], may)).toBeNull();
    expect(termToRenew([], may)).toBeNull();
  });
});

describe("cutting over", () => {
  test("takes effect at the edge, with a renewal there, and is decided once", () => {
    const renewal = { do: "AT", edgeAt: may };
    expect(decideCutOver(moving(), may, now)).toEqual({ ok: true, cutOverAt: may, rolledBackAt: null, renewal });
    expect(decideCutOver(moving({ cutOverAt: may }), may, now)).toEqual({ ok: false, code: "ALREADY_DECIDED" });
    expect(decideCutOver(null, may, now)).toEqual({ ok: false, code: "NOT_MOVING" });
  });

  test("a shadow that was to end is cut over after all", () => {
    const renewal = { do: "AT", edgeAt: may };
    const decision = decideCutOver(moving({ rolledBackAt: may }), may, now);
    expect(decision).toEqual({ ok: true, cutOverAt: may, rolledBackAt: null, renewal });
  });

  test("takes a way back that lies ahead back, up to ten minutes before it; a finished one stays", () => {
    const back = moving({ cutOverAt: april, rolledBackAt: may });
    const taken = { ok: true, cutOverAt: april, rolledBackAt: null, renewal: { do: "UNDO" } };
    expect(decideCutOver(back, may, may - 10 * minute)).toEqual(taken);
    expect(decideCutOver(back, june, may - 10 * minute + 1)).toEqual({ ok: false, code: "TOO_LATE" });
    expect(decideCutOver(back, june, may)).toEqual({ ok: false, code: "ALREADY_DECIDED" });
  });
});

describe("rolling back", () => {
  test("ends a shadow at the edge, and renews nothing", () => {
    expect(decideRollBack(moving(), may, now)).toEqual({
      ok: true,
      cutOverAt: null,
      rolledBackAt: may,
      renewal: null,
    });
  });

  test("takes a cut-over that lies ahead back, up to ten minutes before it", () => {
    const ahead = moving({ cutOverAt: may });
    const taken = { ok: true, cutOverAt: null, rolledBackAt: may, renewal: { do: "UNDO" } };
    expect(decideRollBack(ahead, may, may - 10 * minute)).toEqual(taken);
    expect(decideRollBack(ahead, june, may - 10 * minute + 1)).toEqual({ ok: false, code: "TOO_LATE" });
  });

  test("after the cut-over takes effect at the next edge, with a renewal there, and is decided once", () => {
    const renewal = { do: "AT", edgeAt: june };
    const over = moving({ cutOverAt: may });
    expect(decideRollBack(over, june, may)).toEqual({ ok: true, cutOverAt: may, rolledBackAt: june, renewal });
    expect(decideRollBack({ ...over, rolledBackAt: june }, june, may)).toEqual({ ok: false, code: "ALREADY_DECIDED" });
    expect(decideRollBack(null, june, may)).toEqual({ ok: false, code: "NOT_MOVING" });
  });
});
