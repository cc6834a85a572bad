import {
  type AlertWords,
  alertWords,
  type Decimal,
  formatDecimal,
  majorAmount,
  measuredUnit,
  moneyWords,
  numberWords,
  roundHalfUp,
  roundToMoney,
} from "@meterline/billing-domain";
import { escapeHtml, type Mail } from "../../platform/mail/index.ts";
import type { AlertRecord } from "../alerts/index.ts";
import type { MeterRow } from "../catalog/index.ts";

/** Who is told: in whose zone, and where they can look further. */
export type MessageReader = {
  customer: { id: string; externalId: string; name: string; timeZone: string };
  /** Without a slash at its end. */
  portalUrl: string;
};

/** An alert as mail: the same words in both bodies, in the customer's zone and currency. */
export function alertMail(
  alert: AlertRecord,
  of: { deliveryId: string; to: string; meter: MeterRow | null; reader: MessageReader },
): Mail {
  const { customer, portalUrl } = of.reader;
  const words = alertWords(alert, { timeZone: customer.timeZone, meter: of.meter?.definition ?? null });
  const facts = factsOf(alert, of.meter, customer.timeZone);
  const link = `${portalUrl}/alerts`;
  const foot = `You are told of this because alerts of ${customer.name} come to ${of.to}. To change that, open ${link}`;
  const lines = facts.map(([name, value]) => `${name}: ${value}`);
  return {
    id: of.deliveryId,
    to: of.to,
    subject: `${words.title} (${customer.name})`,
    text: `${words.title}\n\n${words.text}\n\n${lines.join("\n")}\n\n${link}\n\n-- \n${foot}\n`,
    html: htmlOf(words, { facts, link, foot, isCritical: alert.severity === "CRITICAL" }),
  };
}

/** A plain message of ours, such as that an endpoint was paused. */
export function plainMail(of: { deliveryId: string; to: string; words: AlertWords; link: string; foot: string }): Mail {
  const { words, link, foot } = of;
  return {
    id: of.deliveryId,
    to: of.to,
    subject: words.title,
    text: `${words.title}\n\n${words.text}\n\n${link}\n\n-- \n${foot}\n`,
    html: htmlOf(words, { facts: [], link, foot, isCritical: false }),
  };
}

function factsOf(alert: AlertRecord, meter: MeterRow | null, timeZone: string): [string, string][] {
  const value = (one: Decimal) =>
    alert.currency === null
      ? [numberWords(roundHalfUp(one, 3)), ...(meter === null ? [] : [measuredUnit(meter.definition)])].join(" ")
      : moneyWords(one, alert.currency);
  const isForecast = alert.kind === "FORECAST";
  return [
    [isForecast ? "Expected at the end of the period" : "Used", value(alert.crossingValue)],
    [alert.basis === "PATTERN" ? "Usual" : "Threshold", value(alert.thresholdValue)],
    ["Period", `${dayOf(alert.period.startAt, timeZone)} to ${dayOf(alert.period.endAt, timeZone)}`],
    [isForecast ? "Seen" : "Crossed", `${dayOf(alert.crossedAt, timeZone)} (${timeZone})`],
  ];
}

function dayOf(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat("en-GB", { timeZone, dateStyle: "medium", timeStyle: "short" }).format(at);
}

function htmlOf(
  words: AlertWords,
  of: { facts: readonly [string, string][]; link: string; foot: string; isCritical: boolean },
): string {
  const rows = of.facts.map(
    ([name, value]) =>
      `<tr><td style="padding:4px 16px 4px 0;color:#56606f">${escapeHtml(name)}</td><td style="padding:4px 0">${escapeHtml(value)}</td></tr>`,
  );
  const colour = of.isCritical ? "#b3261e" : "#0b5cad";
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(words.title)}</title></head>` +
    `<body style="margin:0;padding:24px;background:#f6f7f9;font-family:system-ui,-apple-system,sans-serif;color:#1b2330">` +
    `<div style="max-width:560px;margin:0 auto;padding:24px;background:#ffffff;border-top:4px solid ${colour}">` +
    `<h1 style="margin:0 0 12px;font-size:20px">${escapeHtml(words.title)}</h1>` +
    `<p style="margin:0 0 16px;font-size:16px;line-height:1.5">${escapeHtml(words.text)}</p>` +
    (rows.length === 0 ? "" : `<table style="border-collapse:collapse;font-size:14px">${rows.join("")}</table>`) +
    `<p style="margin:20px 0 0"><a href="${escapeHtml(of.link)}" style="color:${colour}">Open in the portal</a></p></div>` +
    `<p style="max-width:560px;margin:16px auto 0;font-size:12px;color:#56606f">${escapeHtml(of.foot)}</p></body></html>`
  );
}

/** The body of a webhook. Fields are only ever added. */
export function alertWebhook(alert: AlertRecord, of: { meter: MeterRow | null; reader: MessageReader }): string {
  const { customer } = of.reader;
  const words = alertWords(alert, { timeZone: customer.timeZone, meter: of.meter?.definition ?? null });
  const isMoney = alert.currency !== null;
  const quantity = (value: Decimal) => (isMoney ? null : formatDecimal(value));
  const amount = (value: Decimal) => {
    if (alert.currency === null) return null;
    const money = roundToMoney(value, alert.currency);
    return {
      amountMinor: money.amountMinor.toString(),
      currency: money.currency,
      amount: formatDecimal(majorAmount(money)),
    };
  };
  const instant = (at: number | null) => (at === null ? null : new Date(at).toISOString());
  return JSON.stringify({
    type: "limit.alert",
    timestamp: new Date(alert.crossedAt).toISOString(),
    data: {
      id: alert.id,
      sequence: alert.sequence,
      customerId: customer.id,
      externalCustomerId: customer.externalId,
      kind: alert.kind,
      basis: alert.basis,
      severity: alert.severity,
      meterKey: of.meter?.definition.key ?? null,
      thresholdPercent: alert.percent === null ? null : formatDecimal(alert.percent),
      thresholdQuantity: quantity(alert.thresholdValue),
      thresholdAmount: amount(alert.thresholdValue),
      valueQuantity: quantity(alert.crossingValue),
      valueAmount: amount(alert.crossingValue),
      period: { start: instant(alert.period.startAt), end: instant(alert.period.endAt) },
      crossedAt: instant(alert.crossedAt),
      expectedCrossing:
        alert.expected === null
          ? null
          : {
              earliest: instant(alert.expected.earliestAt),
              expected: instant(alert.expected.expectedAt),
              latest: instant(alert.expected.latestAt),
            },
      title: words.title,
      words: words.text,
    },
  });
}
