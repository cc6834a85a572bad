import { Button, NativeSelect, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useBillingLocale } from "../formats/figures.tsx";
import { formatPeriod } from "../formats/period.ts";
import { dateInZone, followingDate, startOfDate } from "../formats/zone-day.ts";
import type { MeterName } from "./event-table.tsx";
import type { EventsFilter } from "./events-href.ts";

/** Narrows the list by meter, days in the customer's zone (both ends included) and idempotency key. */
export function EventFilters(props: {
  filter: Required<EventsFilter>;
  meters: readonly MeterName[];
  onChange: (filter: EventsFilter) => void;
}) {
  const { filter, meters, onChange } = props;
  const { timeZone } = useBillingLocale();
  const fromDate = filter.from === null ? "" : dateInZone(filter.from, timeZone);
  const toDate = filter.to === null ? "" : dateInZone(new Date(Date.parse(filter.to) - 1).toISOString(), timeZone);
  const narrowed = Object.values(filter).some((part) => part !== null);
  const change = (part: EventsFilter) => onChange({ ...filter, ...part });
  const submitKey = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    change({ idempotencyKey: String(new FormData(event.currentTarget).get("key")).trim() });
  };
  return (
    <form className="ml-filters" onSubmit={submitKey} aria-label="Filter events">
      <NativeSelect
        label="Meter"
        value={filter.meterKey ?? ""}
        onChange={(event) => change({ meterKey: event.currentTarget.value })}
        data={[{ value: "", label: "All meters" }, ...meters.map((meter) => ({ value: meter.key, label: meter.name }))]}
      />
      <DayField label="From" date={fromDate} onDate={(date) => change({ from: startOfDate(date, timeZone) })} />
      <DayField
        label="To, included"
        date={toDate}
        onDate={(date) => change({ to: date === "" ? null : startOfDate(followingDate(date), timeZone) })}
      />
      <TextInput
        label="Idempotency key"
        className="ml-filter-key"
        placeholder="The whole key, then Enter"
        // A key of its own for each filter, so that the field follows the address.
        key={filter.idempotencyKey}
        name="key"
        defaultValue={filter.idempotencyKey ?? ""}
      />
      <Button type="submit" variant="default">
        Find key
      </Button>
      {narrowed ? (
        <Button variant="subtle" onClick={() => onChange({})}>
          Clear
        </Button>
      ) : null}
      {filter.from !== null && filter.to !== null ? (
        <p className="ml-filter-range">{formatPeriod({ start: filter.from, end: filter.to }, { timeZone })}</p>
      ) : null}
    </form>
  );
}

/** Year by year a typed date passes through "0002" and "0202"; before this one nobody measured anything. */
const FIRST_DATE = "1970-01-01";
const DATE_LENGTH = FIRST_DATE.length;

/** A day, or none. While its year is being typed it is no day yet: the field keeps what is typed, and the filter waits. */
function DayField(props: { label: string; date: string; onDate: (date: string) => void }) {
  const { label, date, onDate } = props;
  const [typed, setTyped] = useState(date);
  const [followed, setFollowed] = useState(date);
  if (date !== followed) {
    setFollowed(date);
    setTyped(date);
  }
  const type = (text: string) => {
    setTyped(text);
    if (text === "" || (text.length === DATE_LENGTH && text >= FIRST_DATE)) onDate(text);
  };
  return <TextInput type="date" label={label} value={typed} onChange={(event) => type(event.currentTarget.value)} />;
}
