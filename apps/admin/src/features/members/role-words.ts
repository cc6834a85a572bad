import type { MemberRole } from "../../gql/graphql.ts";

/** Each role of a member as it stands on screen, the usual one first. */
export const ROLES: readonly { readonly value: MemberRole; readonly label: string }[] = [
  { value: "OWNER", label: "Owner" },
  { value: "VIEWER", label: "Viewer" },
];

/** The word for a role. */
export function roleName(role: MemberRole): string {
  return ROLES.find((each) => each.value === role)?.label ?? role;
}
