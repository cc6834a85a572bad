import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { Link } from "react-router";
import { LiveTag } from "../live/live-tag.tsx";
import { Instant, useBillingLocale } from "../formats/figures.tsx";
import { formatPeriod, instantBefore } from "../formats/period.ts";
import { type FragmentType, readFragment } from "../gql/fragment-masking.ts";
import { graphql } from "../gql/gql.ts";
import type { BillingPeriodState } from "../gql/graphql.ts";

const PERIOD_BAR_CONSUMPTION = graphql(`
  fragment PeriodBar_Consumption on Consumption {
    completeThrough
    period {
      start
      end
      state
    }
  }
`);

const STATES: Record<BillingPeriodState, { word: string; tone: "accent" | "warn" | undefined }> = {
  OPEN: { word: "Current period", tone: "accent" },
  CLOSING: { word: "Closing", tone: "warn" },
  CLOSED: { word: "Closed", tone: undefined },
};

/** Which period is in view, how fresh its figures are, and the way to its neighbours. */
export function PeriodBar(props: { consumption: FragmentType<typeof PERIOD_BAR_CONSUMPTION>; path: string }) {
  const { period, completeThrough } = readFragment(PERIOD_BAR_CONSUMPTION, props.consumption);
  const { timeZone, currency } = useBillingLocale();
  const isLatest = Date.parse(period.end) > Date.parse(completeThrough);
  const state = STATES[period.state];
  return (
    <div className="ml-period">
      <nav className="ml-period-nav" aria-label="Billing period">
        <Link
          className="ml-period-step"
          to={`${props.path}?at=${instantBefore(period.start)}`}
          aria-label="Previous period"
        >
          <IconChevronLeft size={18} stroke={1.8} aria-hidden />
        </Link>
        <span className="ml-period-range" aria-live="polite">
          {formatPeriod(period, { timeZone })}
        </span>
        {isLatest ? (
          <span className="ml-period-step" data-off aria-hidden>
            <IconChevronRight size={18} stroke={1.8} />
          </span>
        ) : (
          <Link className="ml-period-step" to={`${props.path}?at=${period.end}`} aria-label="Next period">
            <IconChevronRight size={18} stroke={1.8} aria-hidden />
          </Link>
        )}
        {isLatest ? (
          <span className="ml-tag" data-tone={state.tone}>
            {state.word}
          </span>
        ) : (
          <>
            <span className="ml-tag" data-tone={state.tone}>
              {period.state === "OPEN" ? "Past period" : state.word}
            </span>
            <Link className="ml-link ml-period-now" to={props.path}>
              Current period
            </Link>
          </>
        )}
      </nav>
      <p className="ml-period-fresh">
        {isLatest ? <LiveTag /> : null}
        <span>
          Complete through <Instant at={completeThrough} zone />. Times in {timeZone}, amounts in {currency}.
        </span>
      </p>
    </div>
  );
}
