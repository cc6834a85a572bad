import { useQuery } from "@apollo/client/react";
import { graphql } from "../gql/gql.ts";

/** Asked for apart from the statement, which does not wait for Stripe. */
const INVOICE_LINKS_QUERY = graphql(`
  query InvoiceLinksQuery($statementId: ID!) {
    statement(id: $statementId) {
      id
      invoiceLinks {
        hostedUrl
        pdfUrl
      }
    }
  }
`);

type Links = { hostedUrl: string | null; pdfUrl: string | null };

/** Where a statement's invoice is at Stripe: at once as it was kept, then as Stripe has it, because its links end. */
export function InvoiceLinks({ statementId, kept }: { statementId: string; kept: Links }) {
  const { data } = useQuery(INVOICE_LINKS_QUERY, {
    variables: { statementId },
    skip: kept.hostedUrl === null,
    fetchPolicy: "cache-and-network",
  });
  const { hostedUrl, pdfUrl } = data?.statement?.invoiceLinks ?? kept;
  if (hostedUrl === null && pdfUrl === null) return null;
  return (
    <p className="ml-statement-links">
      {hostedUrl === null ? null : (
        <a className="ml-link" href={hostedUrl} rel="noreferrer" target="_blank">
          Invoice at Stripe
        </a>
      )}
      {pdfUrl === null ? null : (
        <a className="ml-link" href={pdfUrl} rel="noreferrer" target="_blank">
          Invoice as PDF
        </a>
      )}
    </p>
  );
}
