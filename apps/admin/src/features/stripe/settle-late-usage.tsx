import { useMutation } from "@apollo/client/react";
import { ConfirmButton } from "@meterline/web-kit";
import { graphql } from "../../gql/gql.ts";

const INVOICE = graphql(`
  mutation InvoiceLateUsageMutation($customerId: ID!) {
    invoiceLateUsage(customerId: $customerId) {
      id
    }
  }
`);

const CREDIT = graphql(`
  mutation CreditLateUsageMutation($customerId: ID!) {
    creditLateUsage(customerId: $customerId) {
      id
    }
  }
`);

/**
 * Settles what became known after a customer's plan had ended: all of it at once, by an invoice of its own or a credit
 * note. The API refuses the one that does not fit what it comes to in all, and says so.
 */
export function SettleLateUsage(props: { customerId: string; about: string; onSettled: () => void }) {
  const { about, onSettled } = props;
  const variables = { customerId: props.customerId };
  const [invoice, invoicing] = useMutation(INVOICE, { variables });
  const [credit, crediting] = useMutation(CREDIT, { variables });
  return (
    <>
      <ConfirmButton
        label="Invoice it"
        confirmLabel="Invoice all that is late"
        about={about}
        loading={invoicing.loading}
        error={invoicing.error}
        onConfirm={() => invoice().then(onSettled)}
      />
      <ConfirmButton
        label="Credit it"
        confirmLabel="Give back all that is late"
        about={about}
        loading={crediting.loading}
        error={crediting.error}
        onConfirm={() => credit().then(onSettled)}
      />
    </>
  );
}
