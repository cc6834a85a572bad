import type { Finding, Reply } from "./finding.ts";
import { countedValue, replyOf, sendEvent, waitFor, type Workbench } from "./workbench.ts";

const day = 86_400;

/** The open questions about meter events, each asked of the account. Writes down the answer, whatever it is. */
export async function probeUsage(bench: Workbench): Promise<Finding[]> {
  const { gateway, meter, customer, startS, now } = bench;
  const { billing } = gateway.stripe;
  const nowS = Math.floor(now() / 1_000);
  const unique = (name: string) => `doctor-${name}-${now()}`;
  const findings: Finding[] = [];
  const first = unique("first");
  await sendEvent(bench, { identifier: first, value: "1.5", timestamp: Math.max(startS, nowS - 1) });
  findings.push(
    probe(
      "same-identifier",
      "A known identifier is refused",
      "An event already exists with identifier",
      await replyOf(sendEvent(bench, { identifier: first })),
    ),
  );
  findings.push(
    probe(
      "negative",
      "A negative value is taken",
      "taken",
      await replyOf(sendEvent(bench, { identifier: unique("minus"), value: "-1" })),
    ),
  );
  findings.push(
    probe(
      "negative-back",
      "And one that makes up for it",
      "taken",
      await replyOf(sendEvent(bench, { identifier: unique("plus"), value: "1" })),
    ),
  );
  findings.push(
    probe(
      "digits",
      "16 digits are refused",
      "HTTP 400",
      await replyOf(sendEvent(bench, { identifier: unique("digits"), value: "1234567890.123456" })),
    ),
  );
  findings.push(
    probe(
      "old",
      "36 days ago is refused",
      "HTTP 400",
      await replyOf(sendEvent(bench, { identifier: unique("old"), timestamp: nowS - 36 * day })),
    ),
  );
  findings.push(
    probe(
      "future",
      "6 minutes ahead is refused",
      "HTTP 400",
      await replyOf(sendEvent(bench, { identifier: unique("ahead"), timestamp: nowS + 360 })),
    ),
  );
  const unaligned = { customer, start_time: startS + 1, end_time: startS + 61 };
  findings.push(
    probe(
      "unaligned",
      "Summaries off the minute are refused",
      "HTTP 400",
      await replyOf(billing.meters.listEventSummaries(meter.id, unaligned)),
    ),
  );
  findings.push(await summaryLag(bench));
  findings.push(await cancellation(bench, unique("cancelled")));
  findings.push(
    probe(
      "cancel-unknown",
      "Cancelling an unknown identifier",
      "HTTP 400",
      await replyOf(cancel(bench, unique("nobody"))),
    ),
  );
  findings.push(await errorReport(bench, unique("stranger")));
  return findings;
}

const cancel = ({ gateway, meter }: Workbench, identifier: string) =>
  gateway.stripe.billing.meterEventAdjustments.create({
    event_name: meter.event_name,
    type: "cancel",
    cancel: { identifier },
  });

async function summaryLag(bench: Workbench): Promise<Finding> {
  const seen = await waitFor(bench, async () => ((await countedValue(bench)) === 1.5 ? true : null));
  return {
    id: "summary-lag",
    title: "An accepted event is seen in summaries",
    outcome: seen === null ? "FAULT" : "OK",
    expected: "1.5 units, within a minute or two; no bound is published",
    answer: seen === null ? `not within ${bench.patienceMs} ms` : `after ${seen.afterMs} ms`,
  };
}

async function cancellation(bench: Workbench, identifier: string): Promise<Finding> {
  await sendEvent(bench, { identifier, value: "7" });
  // Counted first, so that its going says something.
  const counted = await waitFor(bench, async () => ((await countedValue(bench)) === 8.5 ? true : null));
  const cancelled = await replyOf(cancel(bench, identifier));
  const again = await replyOf(sendEvent(bench, { identifier, value: "0" }));
  const gone = await waitFor(bench, async () => ((await countedValue(bench)) === 1.5 ? true : null));
  return {
    id: "cancel",
    title: "A cancelled event no longer counts; whether its identifier may be used again",
    outcome: counted !== null && cancelled.taken && gone !== null ? "OK" : "FAULT",
    expected: "taken; the identifier stays taken (a guess)",
    answer: `${cancelled.text}; ${gone === null ? "still counted" : `gone after ${gone.afterMs} ms`}; again: ${again.text}`,
  };
}

async function errorReport(bench: Workbench, identifier: string): Promise<Finding> {
  const sent = await replyOf(sendEvent(bench, { identifier, customer: "cus_meterline_doctor_nobody" }));
  const found = await waitFor(bench, async () => {
    if (!sent.taken) return true;
    const { data } = await bench.gateway.stripe.v2.core.events.list({ object_id: bench.meter.id, limit: 20 });
    return data.some((event) => event.type === "v1.billing.meter.error_report_triggered") ? true : null;
  });
  const report = found === null ? `no report within ${bench.patienceMs} ms` : `a report after ${found.afterMs} ms`;
  return {
    id: "error-report",
    title: "An unknown customer is told at once, or by an error report",
    outcome: found === null ? "FAULT" : "OK",
    expected: "HTTP 400, or taken and a report some seconds later",
    answer: sent.taken ? `taken; ${report}` : sent.text,
  };
}

/** What a deactivated meter answers, asked last; and whether its name is free for another. */
export async function probeDeactivated(bench: Workbench): Promise<Finding[]> {
  const { meters } = bench.gateway.stripe.billing;
  await meters.deactivate(bench.meter.id);
  const identifier = `doctor-inactive-${bench.now()}`;
  const again = {
    display_name: "Meterline doctor",
    event_name: bench.meter.event_name,
    default_aggregation: { formula: "sum" as const },
  };
  return [
    probe(
      "deactivated",
      "A deactivated meter refuses events",
      "HTTP 400",
      await replyOf(sendEvent(bench, { identifier })),
    ),
    probe(
      "name-again",
      "Its event name cannot be used again (a guess)",
      "HTTP 400",
      await replyOf(meters.create(again)),
    ),
  ];
}

function probe(id: string, title: string, expected: string, reply: Reply): Finding {
  return { id, title, outcome: reply.text.includes(expected) ? "OK" : "FAULT", expected, answer: reply.text };
}
