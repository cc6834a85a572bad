import { useQuery } from "@apollo/client/react";
import { graphql } from "../../gql/gql.ts";
import type { LimitInput } from "../../gql/graphql.ts";

const LIMIT_PREVIEW = graphql(`
  query LimitPreviewQuery($customerId: ID!, $limit: LimitInput!) {
    limitPreview(customerId: $customerId, limit: $limit) {
      words
      warnings
      faults {
        path
        message
      }
    }
  }
`);

/** What the limit would do, in the API's own words, before it is saved. */
export function LimitWordsPreview({ customerId, limit }: { customerId: string; limit: LimitInput | null }) {
  const { data, previousData } = useQuery(LIMIT_PREVIEW, {
    variables: { customerId, limit: limit ?? { policy: "HARD" } },
    skip: limit === null,
    fetchPolicy: "no-cache",
  });
  const preview = limit === null ? null : ((data ?? previousData)?.limitPreview ?? null);
  return (
    <div className="ml-words" role="status" aria-label="What it will do">
      {preview === null ? (
        <p className="ml-unit">Fill in a figure to read what the limit will do.</p>
      ) : (
        <>
          {preview.words === null ? null : <p>{preview.words}</p>}
          {preview.warnings.map((warning) => (
            <p key={warning} className="ml-words-warning">
              {warning}
            </p>
          ))}
          {preview.faults.map((fault) => (
            <p key={`${fault.path} ${fault.message}`} className="ml-words-fault">
              {fault.message}
            </p>
          ))}
        </>
      )}
    </div>
  );
}
