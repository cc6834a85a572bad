import { createContext, type ReactNode, useContext } from "react";
import { formatInstant, type InstantDetail, zoneName } from "./instant.ts";
import { formatExactMoney, formatMoney, type MoneyText } from "./money.ts";
import { formatQuantity } from "./quantity.ts";

/** Where and in what a customer is billed: the IANA time zone of its days and its ISO 4217 currency. */
export type BillingLocale = { readonly timeZone: string; readonly currency: string };

const BillingLocaleContext = createContext<BillingLocale>({ timeZone: "UTC", currency: "USD" });

/** Every figure below is shown in this customer's time zone and currency. */
export function BillingLocaleProvider({ value, children }: { value: BillingLocale; children: ReactNode }) {
  return <BillingLocaleContext value={value}>{children}</BillingLocaleContext>;
}

/** The time zone and currency of the customer in view; UTC on pages that show no customer. */
export function useBillingLocale(): BillingLocale {
  return useContext(BillingLocaleContext);
}

/** A rounded amount. */
export function Money({ value, signed = false }: { value: MoneyText; signed?: boolean }) {
  return <span className="ml-figure">{formatMoney(value, { signed })}</span>;
}

/** The currency's code beside an amount, unless the amount is written with it already ("KWD 0.412"). */
export function CurrencyCode({ beside }: { beside: MoneyText }) {
  if (formatMoney(beside).includes(beside.currency)) return null;
  return <span className="ml-code"> {beside.currency}</span>;
}

/** An exact amount or unit price in major units of the customer's currency, all decimals shown. */
export function ExactMoney({ value }: { value: string }) {
  const { currency } = useBillingLocale();
  return <span className="ml-figure">{formatExactMoney(value, currency)}</span>;
}

/** An exact quantity, with its unit when given. */
export function Quantity({ value, unit }: { value: string; unit?: string | undefined }) {
  return (
    <span className="ml-figure">
      {formatQuantity(value)}
      {unit === undefined ? null : <span className="ml-unit"> {unit}</span>}
    </span>
  );
}

/** An instant in the customer's time zone; the exact UTC instant is in the element for machines and on hover. */
export function Instant({
  at,
  detail = "minute",
  zone = false,
}: {
  at: string;
  detail?: InstantDetail;
  zone?: boolean;
}) {
  const { timeZone } = useBillingLocale();
  return (
    <time dateTime={at} title={at} className="ml-figure">
      {formatInstant(at, { timeZone, detail })}
      {zone ? ` ${zoneName(at, timeZone)}` : ""}
    </time>
  );
}
