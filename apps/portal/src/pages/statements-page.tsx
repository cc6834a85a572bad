import { StatementList, StatementView } from "@meterline/web-kit";
import { Route, Routes, useParams } from "react-router";

/** What the customer was charged: the list, or one of them. */
export function StatementsPage({ customerId, name }: { customerId: string; name: string }) {
  return (
    <>
      <title>Statements · Meterline</title>
      <div>
        <h1 className="ml-page-title">Statements</h1>
        <p className="ml-page-note">One for each billing period, an hour after its end. A final one never changes.</p>
      </div>
      <Routes>
        <Route index element={<StatementList customerId={customerId} path="/statements" />} />
        <Route path=":statementId" element={<OneStatement name={name} />} />
      </Routes>
    </>
  );
}

function OneStatement({ name }: { name: string }) {
  const { statementId = "" } = useParams();
  return <StatementView key={statementId} id={statementId} name={name} listPath="/statements" eventsPath="/events" />;
}
