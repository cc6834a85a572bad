import type { ReactNode } from "react";
import { useBillingLocale } from "../formats/figures.tsx";
import { formatBoundary } from "../formats/period.ts";
import { formatPercent, percentOf } from "../formats/quantity.ts";
import { measuredUnit } from "../formats/unit.ts";
import { type FragmentType, readFragment } from "../gql/fragment-masking.ts";
import { graphql } from "../gql/gql.ts";
import type { LimitList_LimitFragment } from "../gql/graphql.ts";
import { EmptyState } from "../states/empty-state.tsx";
import { AllowanceBar } from "../usage/allowance-bar.tsx";
import { figureWords, type LimitFigure, PERIOD_NAMES, POLICY_NAMES, SOURCE_NAMES, STANDINGS } from "./limit-words.ts";

const LIMIT_LIST_LIMIT = graphql(`
  fragment LimitList_Limit on Limit {
    id
    meterKey
    policy
    period
    property {
      name
      value
    }
    source
    inForce
    startsAt
    endsAt
    words
    reason
    setBy
    state {
      state
      used
      reserved
      limit
      remaining
      currency
      resetsAt
      upgrade
    }
  }
`);

/** A meter as the list names it. */
export type LimitedMeter = {
  readonly key: string;
  readonly name: string;
  readonly unit: string;
  readonly aggregation: string;
};

/**
 * Every limit of a customer: what it does in words, what is used, what is left and when it resets. `actions` stand at the
 * end of a row, for who may change it.
 */
export function LimitList(props: {
  limits: readonly FragmentType<typeof LIMIT_LIST_LIMIT>[];
  meters: readonly LimitedMeter[];
  emptyText: string;
  actions?: (limit: LimitList_LimitFragment) => ReactNode;
}) {
  const limits = readFragment(LIMIT_LIST_LIMIT, props.limits);
  if (limits.length === 0) return <EmptyState title="No limits">{props.emptyText}</EmptyState>;
  return (
    <ul className="ml-limits">
      {limits.map((limit) => (
        <LimitRow
          key={limit.id}
          limit={limit}
          meter={props.meters.find((meter) => meter.key === limit.meterKey) ?? null}
          actions={props.actions?.(limit) ?? null}
        />
      ))}
    </ul>
  );
}

function LimitRow({
  limit,
  meter,
  actions,
}: {
  limit: LimitList_LimitFragment;
  meter: LimitedMeter | null;
  actions: ReactNode;
}) {
  const { timeZone } = useBillingLocale();
  const { state } = limit;
  const standing = STANDINGS[state.state];
  const figure = { currency: state.currency, unit: meter === null ? null : measuredUnit(meter) };
  const most = state.limit ?? "0";
  const percent = percentOf(state.used, most);
  const title = meter?.name ?? (limit.meterKey === null ? "Whole bill" : limit.meterKey);
  return (
    <li className="ml-limit" data-off={limit.inForce ? undefined : true}>
      <div className="ml-limit-head">
        <h3 className="ml-meter-name">
          {title}
          {limit.property === null ? "" : `, ${limit.property.name} ${limit.property.value}`}
        </h3>
        <span className="ml-tag">
          {POLICY_NAMES[limit.policy]}, {PERIOD_NAMES[limit.period]}
        </span>
        {limit.inForce ? (
          <span className="ml-tag" data-tone={standing.tone}>
            {standing.word}
          </span>
        ) : (
          <span className="ml-tag">Not in force: an override stands in its place</span>
        )}
        <span className="ml-limit-used">
          {figureWords(state.used, figure)} <span className="ml-unit">of {figureWords(most, figure)}</span>
        </span>
      </div>
      <AllowanceBar
        label={`${title}: ${formatPercent(percent)} of the limit used`}
        percent={percent}
        standing={state.state === "OK" ? "WITHIN" : percent > 100 ? "BEYOND" : "NEAR"}
      />
      <div className="ml-meter-row ml-meter-foot">
        <span>
          {formatPercent(percent)} used
          {state.reserved === "0" ? "" : `, and ${figureWords(state.reserved, figure)} held by reservations`}
        </span>
        <span data-standing={state.state === "OK" ? undefined : "NEAR"}>{leftWords(limit, figure, timeZone)}</span>
      </div>
      <p className="ml-limit-words">{limit.words}</p>
      {limit.policy !== "HARD" || state.state === "OK" || state.upgrade === null || !limit.inForce ? null : (
        <p className="ml-limit-words ml-limit-upgrade">{state.upgrade}</p>
      )}
      <div className="ml-limit-foot">
        <span>{originWords(limit, timeZone)}</span>
        {actions}
      </div>
    </li>
  );
}

/** What is left and until when; past a limit that refuses nothing, only when it starts again. */
function leftWords({ policy, state }: LimitList_LimitFragment, figure: LimitFigure, timeZone: string): string {
  const resets = state.resetsAt === null ? null : formatBoundary(state.resetsAt, { timeZone });
  if (policy !== "HARD" && state.remaining === "0") return resets === null ? "" : `Starts again ${resets}`;
  const left = state.remaining === null ? "" : `${figureWords(state.remaining, figure)} left`;
  return resets === null ? left : `${left} until ${resets}`;
}

function originWords(limit: LimitList_LimitFragment, timeZone: string): string {
  const ends = limit.endsAt === null ? "" : `, ends ${formatBoundary(limit.endsAt, { timeZone })}`;
  const why = limit.reason === null ? "" : `: “${limit.reason}”`;
  const who = limit.setBy === null ? "" : ` (${limit.setBy})`;
  return `${SOURCE_NAMES[limit.source]}${ends}${why}${who}`;
}
