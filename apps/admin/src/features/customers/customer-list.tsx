import { Copyable, EmptyState, LoadMore } from "@meterline/web-kit";
import { Link } from "react-router";
import { type FragmentType, readFragment } from "../../gql/fragment-masking.ts";
import { graphql } from "../../gql/gql.ts";

const CUSTOMER_LIST_CONNECTION = graphql(`
  fragment CustomerList_Connection on CustomerConnection {
    totalCount
    nodes {
      id
      externalId
      name
      currency
      timeZone
      email
      subscription {
        id
        plan {
          id
          name
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
`);

/** Customers a page. */
export const CUSTOMERS_PAGE_SIZE = 50;

/** Past this many rows a search helps more than another page. */
const MAX_ROWS = 1_000;

/** Customers with what tells them apart, each opening its page. */
export function CustomerList(props: {
  connection: FragmentType<typeof CUSTOMER_LIST_CONNECTION>;
  search: string;
  loadingMore: boolean;
  onLoadMore: (after: string) => void;
}) {
  const { nodes, pageInfo, totalCount } = readFragment(CUSTOMER_LIST_CONNECTION, props.connection);
  if (nodes.length === 0) {
    return props.search === "" ? (
      <EmptyState title="No customers yet">Create one through the API, or let an import create them.</EmptyState>
    ) : (
      <EmptyState title={`No customer matches "${props.search}"`}>
        Search by part of a name, external id or e-mail address.
      </EmptyState>
    );
  }
  return (
    <>
      <section className="ml-scroll" tabIndex={0} aria-label={`Customers, ${totalCount} in all`}>
        <table className="ml-table">
          <caption className="ml-hidden">Customers</caption>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">External id</th>
              <th scope="col" className="ml-wide-only">
                E-mail
              </th>
              <th scope="col" className="ml-wide-only">
                Plan
              </th>
              <th scope="col" className="ml-wide-only">
                Currency
              </th>
              <th scope="col" className="ml-wide-only">
                Time zone
              </th>
            </tr>
          </thead>
          <tbody>
            {nodes.map((customer) => (
              <tr key={customer.id}>
                <th scope="row">
                  <Link className="ad-row-link" to={`/customers/${customer.id}`}>
                    {customer.name}
                  </Link>
                  <span className="ml-narrow-only ad-row-plan">{customer.subscription?.plan.name ?? "No plan"}</span>
                </th>
                <td>
                  <Copyable value={customer.externalId} label={`external id of ${customer.name}`} />
                </td>
                <td className="ml-wide-only">{customer.email ?? "–"}</td>
                <td className="ml-wide-only">
                  {customer.subscription?.plan.name ?? <span className="ml-tag">No plan</span>}
                </td>
                <td className="ml-wide-only">{customer.currency}</td>
                <td className="ml-wide-only">{customer.timeZone}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <LoadMore
        shown={nodes.length}
        total={totalCount}
        nouns={["customer", "customers"]}
        maximum={MAX_ROWS}
        after={pageInfo.hasNextPage ? pageInfo.endCursor : null}
        loading={props.loadingMore}
        onLoadMore={props.onLoadMore}
      />
    </>
  );
}
