/** What portal and admin share. Everything outside this package imports from here only. */
export { AlertBanner } from "./alerts/alert-banner.tsx";
export { CHANNEL_NAMES, KIND_NAMES, SEVERITIES } from "./alerts/alert-words.ts";
export { AlertsView } from "./alerts/alerts-view.tsx";
export { DeliveryRecord } from "./alerts/delivery-record.tsx";
export { createCache } from "./apollo/cache.ts";
export type { AppName } from "./apollo/app-name.ts";
export { createApolloClient } from "./apollo/client.ts";
export { isRetryable, type Problem, type ProblemKind, problemOf } from "./apollo/problem.ts";
export { intervalWords } from "./bill/interval-words.ts";
export { AGGREGATION_WORDS, MODEL_NAMES } from "./bill/pricing-words.ts";
export { CONSUMPTION_HEIGHTS, ConsumptionView } from "./consumption/consumption-view.tsx";
export { type EventsFilter, eventsHref } from "./events/events-href.ts";
export { EventsView } from "./events/events-view.tsx";
export { BillingLocaleProvider, ExactMoney, Instant, Money, Quantity, useBillingLocale } from "./formats/figures.tsx";
export { formatInstant, zoneName, zoneWords } from "./formats/instant.ts";
export { formatExactMoney, formatMoney, majorText, type MoneyText } from "./formats/money.ts";
export { formatBoundary, formatPeriod } from "./formats/period.ts";
export { formatQuantity } from "./formats/quantity.ts";
export { LimitList, type LimitedMeter } from "./limits/limit-list.tsx";
export { typedFigure, typedFigureProblem } from "./formats/typed-figure.ts";
export { measuredUnit } from "./formats/unit.ts";
export { figureWords, PERIOD_NAMES, POLICY_NAMES, SOURCE_NAMES, STANDINGS } from "./limits/limit-words.ts";
export { useLiveState } from "./live/live-context.tsx";
export type { LiveState } from "./live/live-state.ts";
export { useLiveConsumption } from "./live/use-live-consumption.ts";
export { useLiveRefetch } from "./live/use-live-refetch.ts";
export { AheadPanel } from "./projection/ahead-panel.tsx";
export { OwnersOnly } from "./session/owners-only.tsx";
export {
  type Session,
  useMayChangeAlerts,
  useSession,
  type Viewer,
  type ViewerCustomer,
} from "./session/session.tsx";
export { AppFrame, type NavEntry } from "./shell/app-frame.tsx";
export { AppRoot } from "./shell/app-root.tsx";
export { StatementList } from "./statements/statement-list.tsx";
export { StatementView } from "./statements/statement-view.tsx";
export { ConfirmButton } from "./states/confirm-button.tsx";
export { isFirstClick } from "./states/first-click.ts";
export { Copyable } from "./states/copyable.tsx";
export { CreatedNotice } from "./states/created-notice.tsx";
export { EmptyState } from "./states/empty-state.tsx";
export { ErrorState, StaleNotice } from "./states/error-state.tsx";
export { LoadMore } from "./states/load-more.tsx";
export { PageSkeleton } from "./states/skeletons.tsx";
