import type { Route } from "../http/route.ts";

/** `/v1/account`: the one account that a sandbox is. */
export const ACCOUNT_ROUTES: readonly Route[] = [
  { method: "GET", pattern: "/v1/account", handle: () => ({ id: "acct_sandbox", object: "account" }) },
];
