import { createContext, useContext } from "react";
import type { AppName } from "../apollo/app-name.ts";
import { graphql } from "../gql/gql.ts";
import type { ViewerQueryQuery } from "../gql/graphql.ts";

/** Who is signed in; asked once, by the session gate, before any page. */
export const VIEWER_QUERY = graphql(`
  query ViewerQuery {
    viewer {
      kind
      name
      email
      role
      customer {
        id
        name
        externalId
        currency
        timeZone
      }
    }
  }
`);

/** The signed-in person. `customer` is set for members and absent for staff. */
export type Viewer = ViewerQueryQuery["viewer"];

/** The customer that a member belongs to. */
export type ViewerCustomer = NonNullable<Viewer["customer"]>;

/** What every page may know of the session. */
export type Session = { readonly app: AppName; readonly viewer: Viewer; readonly signOut: () => void };

const SessionContext = createContext<Session | null>(null);

/** Given by the session gate. */
export const SessionProvider = SessionContext.Provider;

/** The session of the page. Pages render only inside the session gate; elsewhere this is a bug. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error("useSession is called outside the session gate.");
  return session;
}

/**
 * May the signed-in person change what the customer is warned of, and where it is told? Among members only owners may; the
 * API refuses the others, so they are not offered it.
 */
export function useMayChangeAlerts(): boolean {
  const { viewer } = useSession();
  return viewer.kind !== "MEMBER" || viewer.role === "OWNER";
}
