import type { BillingProfile, MeterRow } from "../catalog/index.ts";
import { instantText } from "../usage/index.ts";
import type { PlacedLimit } from "./limits-of-profile.ts";

/** A meter, as limits need to know it. */
export type LimitMeter = Pick<MeterRow, "id" | "definition">;

/** One limit of one customer in one window, whose tally is asked for. `meter` is null for the whole bill. */
export type TallyRequest = PlacedLimit & { profile: BillingProfile; meter: LimitMeter | null };

/** Names a tally: a limit of a customer in one window. */
export function tallyKey({ profile, limit, window }: Pick<TallyRequest, "profile" | "limit" | "window">): string {
  return `${profile.customerId} ${limit.id} ${window.startAt}`;
}

/** The first five parameters of a statement over scopes: number, customer, meter, start, end. */
export function scopeColumns(requests: readonly TallyRequest[]): (string | number)[][] {
  return [
    requests.map((_, index) => index),
    requests.map((request) => request.profile.customerId),
    requests.map((request) => request.meter?.id ?? ""),
    requests.map((request) => instantText(request.window.startAt)),
    requests.map((request) => instantText(request.window.endAt)),
  ];
}
