import { authorize, type Viewer } from "../../platform/auth/index.ts";
import { badUserInput, notFound } from "../../platform/graphql/index.ts";
import type { BillingProfile, BillingProfiles } from "./billing-profile.ts";

/** How a query names a customer; a member may leave both out and means its own. */
export type ViewedCustomer = { customerId?: string | null | undefined; externalCustomerId?: string | null | undefined };

/**
 * The customer whose usage a viewer asks to read, checked by the policy. A member learns nothing of other customers:
 * theirs and unknown ones are both NOT_FOUND.
 */
export async function viewedProfile(
  profiles: BillingProfiles,
  viewer: Viewer | null,
  asked: ViewedCustomer,
  need: "READ_USAGE" | "CHECK_USAGE" = "READ_USAGE",
): Promise<{ viewer: Viewer; profile: BillingProfile }> {
  const known = authorize(viewer, { to: "READ_SELF" });
  const customerId = asked.customerId ?? null;
  const externalCustomerId = asked.externalCustomerId ?? null;
  const own = known.kind === "MEMBER" && customerId === null && externalCustomerId === null;
  if (!own && (customerId === null) === (externalCustomerId === null)) {
    throw badUserInput("Give exactly one of customerId and externalCustomerId.", "customerId");
  }
  const [profile] = await profiles.find([
    own ? { customerId: known.customerId, externalCustomerId: null } : { customerId, externalCustomerId },
  ]);
  // Asked before the answer is known to exist, so that a refusal says the same either way.
  authorize(known, { to: need, customerId: profile?.customerId ?? "" });
  if (!profile) throw notFound("There is no such customer.", customerId === null ? "externalCustomerId" : "customerId");
  return { viewer: known, profile };
}
