import { useQuery } from "@apollo/client/react";
import { ErrorState, OwnersOnly, PageSkeleton, StaleNotice, useMayChangeAlerts } from "@meterline/web-kit";
import { RuleForm } from "../features/alert-rules/rule-form.tsx";
import { RuleList } from "../features/alert-rules/rule-list.tsx";
import { SettingsForm } from "../features/alert-settings/settings-form.tsx";
import { graphql } from "../gql/gql.ts";

const ALERT_RULES_PAGE_QUERY = graphql(`
  query AlertRulesPageQuery($customerId: ID!) {
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
    }
    alertRules(customerId: $customerId) {
      id
      ...RuleList_Rule
    }
    alertSettings(customerId: $customerId) {
      ...SettingsForm_Settings
    }
  }
`);

/** What the customer is warned of, in words, and how; with the way to change it. */
export function AlertRulesPage({ customerId }: { customerId: string }) {
  const { data, error, refetch } = useQuery(ALERT_RULES_PAGE_QUERY, {
    variables: { customerId },
    fetchPolicy: "cache-and-network",
  });
  const mayChange = useMayChangeAlerts();
  const changed = () => void refetch().catch(() => undefined);
  if (data === undefined) {
    return error === undefined ? (
      <PageSkeleton heights={[320, 360, 240]} label="Loading rules" />
    ) : (
      <ErrorState error={error} onRetry={() => void refetch()} />
    );
  }
  return (
    <>
      {error === undefined ? null : <StaleNotice error={error} onRetry={() => void refetch()} />}
      <section className="ml-panel" aria-labelledby="rules-title">
        <div className="ml-panel-head">
          <h2 id="rules-title" className="ml-panel-title">
            What you are warned of
          </h2>
        </div>
        <RuleList
          rules={data.alertRules}
          emptyTitle="Nothing yet"
          emptyText="There is no allowance or limit to warn of. Make a rule of your own below."
          onChanged={changed}
        />
      </section>
      {mayChange ? (
        <RuleForm
          customerId={customerId}
          meters={data.meters}
          limits={data.limits}
          onlyBudgets={false}
          onSaved={changed}
        />
      ) : (
        <OwnersOnly what="rules, quiet hours and pauses" />
      )}
      <SettingsForm customerId={customerId} settings={data.alertSettings} onChanged={changed} />
    </>
  );
}
