import { EmptyState } from "@meterline/web-kit";
import { Link } from "react-router";

/** An address that is no page. */
export function NotFoundPage() {
  return (
    <>
      <title>Not found · Meterline</title>
      <h1 className="ml-page-title">Not found</h1>
      <EmptyState
        title="There is no such page"
        action={
          <Link className="ml-link" to="/customers">
            Customers
          </Link>
        }
      >
        The address may be mistyped or from an older version.
      </EmptyState>
    </>
  );
}
