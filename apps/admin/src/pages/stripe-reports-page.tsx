import { NetworkStatus } from "@apollo/client";
import { useQuery } from "@apollo/client/react";
import { NativeSelect } from "@mantine/core";
import { ErrorState, PageSkeleton } from "@meterline/web-kit";
import { useSearchParams } from "react-router";
import { AttentionReports, REPORTS_PAGE_SIZE } from "../features/stripe/attention-reports.tsx";
import { ReplayAll } from "../features/stripe/replay-all.tsx";
import { REPORT_STATES } from "../features/stripe/stripe-words.ts";
import { graphql } from "../gql/gql.ts";
import type { MeterReportState } from "../gql/graphql.ts";

const STRIPE_REPORTS_PAGE_QUERY = graphql(`
  query StripeReportsPageQuery($states: [MeterReportState!], $first: Int!, $after: String) {
    meterReportsForAttention(states: $states, first: $first, after: $after) {
      ...AttentionReports_Connection
    }
  }
`);

const STATES: readonly MeterReportState[] = ["DEAD", "REFUSED", "UNCERTAIN"];
const HEIGHTS = [420] as const;

/** Reports that were refused or are in doubt, with what can be done about them. */
export function StripeReportsPage() {
  const [params, setParams] = useSearchParams();
  const state = STATES.find((one) => one === params.get("state"));
  const { data, error, refetch, fetchMore, networkStatus } = useQuery(STRIPE_REPORTS_PAGE_QUERY, {
    variables: { states: state === undefined ? null : [state], first: REPORTS_PAGE_SIZE },
    fetchPolicy: "cache-and-network",
    notifyOnNetworkStatusChange: true,
  });
  const again = () => void refetch().catch(() => undefined);
  return (
    <section className="ml-panel" aria-labelledby="attention-title">
      <div className="ml-panel-head">
        <h2 id="attention-title" className="ml-panel-title">
          Reports that need you
        </h2>
        <ReplayAll onReplayed={again} />
      </div>
      <div className="ad-filter">
        <NativeSelect
          label="State"
          value={state ?? ""}
          data={[
            { value: "", label: "All that may need a person" },
            ...STATES.map((value) => ({ value, label: REPORT_STATES[value].word })),
          ]}
          onChange={({ currentTarget: { value } }) => setParams(value === "" ? {} : { state: value })}
        />
      </div>
      {data !== undefined ? (
        <AttentionReports
          connection={data.meterReportsForAttention}
          loadingMore={networkStatus === NetworkStatus.fetchMore}
          onLoadMore={(after) => void fetchMore({ variables: { after } }).catch(() => undefined)}
          onChanged={again}
        />
      ) : error !== undefined ? (
        <ErrorState error={error} onRetry={again} />
      ) : (
        <PageSkeleton heights={HEIGHTS} label="Loading reports" />
      )}
    </section>
  );
}
