import { StatementList, StatementView } from "@meterline/web-kit";
import { Route, Routes, useParams } from "react-router";
import { StatementTickets } from "../features/statements/statement-tickets.tsx";

/** A customer's statements, as the customer sees them, and what staff do about one that is held. */
export function CustomerStatementsPage({ customerId, name, path }: { customerId: string; name: string; path: string }) {
  return (
    <Routes>
      <Route index element={<StatementList customerId={customerId} path={`${path}/statements`} />} />
      <Route path=":statementId" element={<OneStatement name={name} path={path} />} />
    </Routes>
  );
}

function OneStatement({ name, path }: { name: string; path: string }) {
  const { statementId = "" } = useParams();
  return (
    <StatementView
      key={statementId}
      id={statementId}
      name={name}
      listPath={`${path}/statements`}
      eventsPath={`${path}/events`}
      below={(statement, refetch) => (
        <StatementTickets statementId={statement.id} isHeld={statement.state === "HELD"} onChanged={refetch} />
      )}
    />
  );
}
