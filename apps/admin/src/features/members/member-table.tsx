import { EmptyState, Instant } from "@meterline/web-kit";
import type { ReactNode } from "react";
import { type FragmentType, readFragment } from "../../gql/fragment-masking.ts";
import { graphql } from "../../gql/gql.ts";
import type { MemberTable_MemberFragment } from "../../gql/graphql.ts";
import { roleName } from "./role-words.ts";

const MEMBER_TABLE_MEMBER = graphql(`
  fragment MemberTable_Member on Member {
    userId
    name
    email
    role
    createdAt
  }
`);

/** Who can sign in to the portal for the customer in view, and since when, in the customer's time zone. */
export function MemberTable(props: {
  members: readonly FragmentType<typeof MEMBER_TABLE_MEMBER>[];
  actions: (member: MemberTable_MemberFragment) => ReactNode;
}) {
  const members = readFragment(MEMBER_TABLE_MEMBER, props.members);
  return (
    <section className="ml-panel" aria-labelledby="members-title">
      <div className="ml-panel-head">
        <h2 id="members-title" className="ml-panel-title">
          Members
        </h2>
        {members.length === 0 ? null : <p className="ml-panel-note">They can sign in to the portal</p>}
      </div>
      {members.length === 0 ? (
        <EmptyState title="Nobody can sign in to the portal for this customer yet.">
          Add the first member below.
        </EmptyState>
      ) : (
        <section className="ml-scroll" tabIndex={0} aria-label="Members, table">
          <table className="ml-table">
            <caption className="ml-hidden">Members</caption>
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">E-mail</th>
                <th scope="col">Role</th>
                <th scope="col">Since</th>
                <th scope="col">
                  <span className="ml-hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {members.map((member) => (
                <tr key={member.userId}>
                  <th scope="row" className="ad-wrap">
                    {member.name}
                  </th>
                  <td>{member.email}</td>
                  <td>{roleName(member.role)}</td>
                  <td>
                    <Instant at={member.createdAt} detail="day" />
                  </td>
                  <td>{props.actions(member)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </section>
  );
}
