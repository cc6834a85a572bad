import { useQuery } from "@apollo/client/react";
import { problemOf } from "@meterline/web-kit";
import { graphql } from "../../gql/gql.ts";
import type { AlertRuleInputType } from "../../gql/graphql.ts";

const RULE_PREVIEW = graphql(`
  query RulePreviewQuery($input: AlertRuleInputType!) {
    alertRulePreview(input: $input) {
      words
      pastWords
    }
  }
`);

/** What the rule would do, and when it would have done it last period, before it is saved. */
export function RulePreview({ input }: { input: AlertRuleInputType | null }) {
  const { data, previousData, error } = useQuery(RULE_PREVIEW, {
    variables: { input: input ?? { customerId: "", kind: "BUDGET", basis: "MONEY" } },
    skip: input === null,
    fetchPolicy: "no-cache",
  });
  const preview = (data ?? previousData)?.alertRulePreview;
  return (
    <div className="ml-words" role="status" aria-label="What it will do">
      {input === null ? (
        <p className="ml-unit">Fill in the figures to read what the rule will do.</p>
      ) : error !== undefined ? (
        <p className="ml-words-fault">{problemOf(error).message}</p>
      ) : preview === undefined ? (
        <p className="ml-unit">…</p>
      ) : (
        <>
          <p>{preview.words}</p>
          <p>{preview.pastWords}</p>
        </>
      )}
    </div>
  );
}
