/** What the events page can be narrowed to. `from` is inclusive, `to` exclusive, both RFC 3339. */
export type EventsFilter = {
  readonly meterKey?: string | null;
  readonly from?: string | null;
  readonly to?: string | null;
  readonly idempotencyKey?: string | null;
};

/** A filter as the parameters of an address; empty parts are left out. */
export function eventsParams(filter: EventsFilter): URLSearchParams {
  const params = new URLSearchParams();
  if (filter.meterKey) params.set("meter", filter.meterKey);
  if (filter.from) params.set("from", filter.from);
  if (filter.to) params.set("to", filter.to);
  if (filter.idempotencyKey) params.set("key", filter.idempotencyKey);
  return params;
}

/** The address of an events page narrowed to a filter; `path` is the page's own path. */
export function eventsHref(path: string, filter: EventsFilter): string {
  const query = eventsParams(filter).toString();
  return query === "" ? path : `${path}?${query}`;
}

/** The filter that an address states; absent parts are null. An instant that cannot be read is left out. */
export function eventsFilterOf(params: URLSearchParams): Required<EventsFilter> {
  return {
    meterKey: params.get("meter"),
    from: instantOrNull(params.get("from")),
    to: instantOrNull(params.get("to")),
    idempotencyKey: params.get("key"),
  };
}

function instantOrNull(text: string | null): string | null {
  return text === null || Number.isNaN(Date.parse(text)) ? null : text;
}
