import { useQuery } from "@apollo/client/react";
import { ErrorState, PageSkeleton } from "@meterline/web-kit";
import { AddMember } from "../features/members/add-member.tsx";
import { MemberTable } from "../features/members/member-table.tsx";
import { ResetPassword, useNewPassword } from "../features/members/reset-password.tsx";
import { graphql } from "../gql/gql.ts";

const CUSTOMER_MEMBERS_PAGE_QUERY = graphql(`
  query CustomerMembersPageQuery($customerId: ID!) {
    customer(id: $customerId) {
      id
      members {
        userId
        ...MemberTable_Member
      }
    }
  }
`);

const HEIGHTS = [180] as const;

/** Who can sign in to the portal for the customer in view, and the form that adds somebody. */
export function CustomerMembersPage({ customerId }: { customerId: string }) {
  const { data, error, refetch } = useQuery(CUSTOMER_MEMBERS_PAGE_QUERY, {
    variables: { customerId },
    fetchPolicy: "cache-and-network",
  });
  const { notice, onMade } = useNewPassword();
  return (
    <>
      {notice}
      {data !== undefined ? (
        <MemberTable
          members={data.customer?.members ?? []}
          actions={(member) => <ResetPassword customerId={customerId} member={member} onMade={onMade} />}
        />
      ) : error !== undefined ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : (
        <PageSkeleton heights={HEIGHTS} label="Loading members" />
      )}
      <AddMember customerId={customerId} onAdded={() => void refetch()} />
    </>
  );
}
