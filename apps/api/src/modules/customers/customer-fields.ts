import { type EpochMs, isCurrency, isTimeZone } from "@meterline/billing-domain";
import { badUserInput, parseInstant } from "../../platform/graphql/index.ts";

/** What a caller sends to make a customer; null is as good as absent. */
export type CustomerInput = {
  externalId: string;
  name?: string | null | undefined;
  currency?: string | null | undefined;
  timeZone?: string | null | undefined;
  email?: string | null | undefined;
  goLiveAt?: string | null | undefined;
};

/** A customer to make, checked; null where the caller leaves it to us. */
export type NewCustomer = {
  externalId: string;
  name: string | null;
  currency: string;
  timeZone: string;
  email: string | null;
  goLiveAt: EpochMs | null;
};

/** What a caller sends to change a customer; absent leaves it as it is, and null clears it where that is possible. */
export type CustomerChangeInput = {
  name?: string | null | undefined;
  timeZone?: string | null | undefined;
  email?: string | null | undefined;
};

/** The columns that change. */
export type CustomerChange = { name?: string; timeZone?: string; email?: string | null };

const MAX_EXTERNAL_ID_LENGTH = 255;
const MAX_NAME_LENGTH = 200;
const MAX_EMAIL_LENGTH = 254;
/** The first instant that usage can have. */
const earliestGoLiveAt = Date.UTC(2000, 0, 1);
const latestGoLiveAt = Date.UTC(2100, 0, 1);

type Fault = { path: string; message: string };

/** Checks a customer to be made. Refuses it with every fault at once, each by its field's name. */
export function readNewCustomer(input: CustomerInput): NewCustomer {
  const currency = input.currency ?? "USD";
  const timeZone = input.timeZone ?? "UTC";
  const goLive = readGoLive(input.goLiveAt ?? null);
  refuse([
    faultOfText("externalId", input.externalId, MAX_EXTERNAL_ID_LENGTH),
    input.name == null ? null : faultOfText("name", input.name, MAX_NAME_LENGTH),
    faultOfCurrency(currency),
    faultOfTimeZone(timeZone),
    input.email == null ? null : faultOfEmail(input.email),
    goLive.fault,
  ]);
  const { externalId, name = null, email = null } = input;
  return { externalId, name, currency, timeZone, email, goLiveAt: goLive.at };
}

/** Checks a change of a customer, in the same way. */
export function readCustomerChange(input: CustomerChangeInput): CustomerChange {
  const { name, timeZone, email } = input;
  refuse([
    name === null ? { path: "name", message: "name cannot be cleared; leave it out to keep it." } : null,
    typeof name === "string" ? faultOfText("name", name, MAX_NAME_LENGTH) : null,
    timeZone === null ? { path: "timeZone", message: "timeZone cannot be cleared; leave it out to keep it." } : null,
    typeof timeZone === "string" ? faultOfTimeZone(timeZone) : null,
    typeof email === "string" ? faultOfEmail(email) : null,
  ]);
  return {
    ...(typeof name === "string" ? { name } : {}),
    ...(typeof timeZone === "string" ? { timeZone } : {}),
    ...(email === undefined ? {} : { email }),
  };
}

function refuse(found: ReadonlyArray<Fault | null>): void {
  const faults = found.filter((fault) => fault !== null);
  const [first] = faults;
  if (first !== undefined) throw badUserInput(faults.map((fault) => fault.message).join(" "), first.path, faults);
}

function faultOfText(path: string, text: string, most: number): Fault | null {
  // Counted in code points, as PostgreSQL does. A control character is never meant, and NUL cannot be stored.
  const length = [...text].length;
  if (length >= 1 && length <= most && text === text.trim() && !/\p{Cc}/u.test(text)) return null;
  return {
    path,
    message: `${path} must have 1 to ${most} characters, without spaces around it and without control characters.`,
  };
}

function faultOfCurrency(currency: string): Fault | null {
  if (isCurrency(currency)) return null;
  const upper = currency.toUpperCase();
  const fix = isCurrency(upper) ? `write "${upper}"` : 'use an upper-case code that Stripe charges, such as "USD"';
  return { path: "currency", message: `currency "${currency.slice(0, 20)}" is not known; ${fix}.` };
}

function faultOfTimeZone(timeZone: string): Fault | null {
  if (isTimeZone(timeZone)) return null;
  const shown = timeZone.slice(0, 64);
  return {
    path: "timeZone",
    message: `timeZone "${shown}" is not an IANA time zone such as "Europe/Berlin" or "UTC".`,
  };
}

function faultOfEmail(email: string): Fault | null {
  // Whether an address works only a message to it can tell; this catches what cannot be one.
  if (email.length <= MAX_EMAIL_LENGTH && /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+\.[^\s@\p{Cc}]+$/u.test(email)) return null;
  return {
    path: "email",
    message: `email must be an address such as billing@example.com, of at most ${MAX_EMAIL_LENGTH} characters.`,
  };
}

function readGoLive(text: string | null): { at: EpochMs | null; fault: Fault | null } {
  if (text === null) return { at: null, fault: null };
  const at = parseInstant(text, "goLiveAt");
  if (at >= earliestGoLiveAt && at < latestGoLiveAt) return { at, fault: null };
  return { at, fault: { path: "goLiveAt", message: "goLiveAt must lie between the years 2000 and 2100." } };
}
