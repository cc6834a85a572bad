import { Copyable, Instant } from "@meterline/web-kit";
import { Link } from "react-router";
import { type FragmentType, readFragment } from "../../gql/fragment-masking.ts";
import { graphql } from "../../gql/gql.ts";

const CUSTOMER_HEAD_CUSTOMER = graphql(`
  fragment CustomerHead_Customer on Customer {
    id
    externalId
    name
    currency
    timeZone
    email
    goLiveAt
  }
`);

/** Who the customer is, with the ids that staff paste elsewhere. */
export function CustomerHead(props: { customer: FragmentType<typeof CUSTOMER_HEAD_CUSTOMER> }) {
  const customer = readFragment(CUSTOMER_HEAD_CUSTOMER, props.customer);
  return (
    <div>
      <p className="ad-crumb">
        <Link className="ml-link" to="/customers">
          Customers
        </Link>
      </p>
      <h1 className="ml-page-title">{customer.name}</h1>
      <div className="ad-head-facts">
        <Copyable value={customer.externalId} label="external id" />
        <Copyable value={customer.id} label="customer id" />
        <span>{customer.currency}</span>
        <span>{customer.timeZone}</span>
        {customer.email === null ? null : <span>{customer.email}</span>}
        <span>
          Live since <Instant at={customer.goLiveAt} detail="day" />
        </span>
      </div>
    </div>
  );
}
