import { useQuery } from "@apollo/client/react";
import {
  AheadPanel,
  ErrorState,
  LimitList,
  OwnersOnly,
  PageSkeleton,
  StaleNotice,
  useLiveRefetch,
  useMayChangeAlerts,
} from "@meterline/web-kit";
import { RuleForm } from "../features/alert-rules/rule-form.tsx";
import { RuleList } from "../features/alert-rules/rule-list.tsx";
import { graphql } from "../gql/gql.ts";

const LIMITS_PAGE_QUERY = graphql(`
  query LimitsPageQuery($customerId: ID!) {
    meters {
      id
      key
      name
      unit
      aggregation
    }
    limits(customerId: $customerId) {
      id
      words
      ...LimitList_Limit
    }
    alertRules(customerId: $customerId) {
      id
      kind
      ...RuleList_Rule
    }
  }
`);

/** What the customer may use: each limit in words, and where it stands now. */
export function LimitsPage({ customerId }: { customerId: string }) {
  const { data, error, refetch } = useQuery(LIMITS_PAGE_QUERY, {
    variables: { customerId },
    fetchPolicy: "cache-and-network",
  });
  useLiveRefetch(customerId, refetch);
  const mayChange = useMayChangeAlerts();
  const changed = () => void refetch().catch(() => undefined);
  return (
    <>
      <title>Limits · Meterline</title>
      <div>
        <h1 className="ml-page-title">Limits</h1>
        <p className="ml-page-note">
          What you may use, what happens when you get there, and how much is left. Of several limits on one meter the
          strictest decides.
        </p>
      </div>
      {error !== undefined && data !== undefined ? <StaleNotice error={error} onRetry={() => void refetch()} /> : null}
      <section className="ml-panel" aria-labelledby="limits-title">
        <div className="ml-panel-head">
          <h2 id="limits-title" className="ml-panel-title">
            Limits in place
          </h2>
        </div>
        {data !== undefined ? (
          <LimitList
            limits={data.limits}
            meters={data.meters}
            emptyText="Neither a plan nor anybody limits your usage: all of it is recorded, and billed where a plan prices it."
          />
        ) : error !== undefined ? (
          <ErrorState error={error} onRetry={() => void refetch()} />
        ) : (
          <PageSkeleton heights={[150, 150]} label="Loading limits" />
        )}
      </section>
      <AheadPanel customerId={customerId} />
      {data === undefined ? null : (
        <>
          <section className="ml-panel" aria-labelledby="budgets-title">
            <div className="ml-panel-head">
              <h2 id="budgets-title" className="ml-panel-title">
                Budgets
              </h2>
              <p className="ml-panel-note">{mayChange ? "Yours to set. " : ""}A budget refuses nothing: it tells you</p>
            </div>
            <RuleList
              rules={data.alertRules.filter((rule) => rule.kind === "BUDGET")}
              emptyTitle="No budgets"
              emptyText={
                mayChange
                  ? "Set what you want to spend, and be told on the way there."
                  : "No owner has set what is to be spent."
              }
              onChanged={changed}
            />
          </section>
          {mayChange ? (
            <RuleForm customerId={customerId} meters={data.meters} limits={data.limits} onlyBudgets onSaved={changed} />
          ) : (
            <OwnersOnly what="budgets" />
          )}
        </>
      )}
    </>
  );
}
