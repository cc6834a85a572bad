import { useApolloClient, useQuery } from "@apollo/client/react";
import { type ReactNode, useEffect, useState } from "react";
import type { AppName } from "../apollo/app-name.ts";
import { problemOf } from "../apollo/problem.ts";
import { ErrorState } from "../states/error-state.tsx";
import { PageSkeleton } from "../states/skeletons.tsx";
import type { Auth } from "./auth.ts";
import { SessionProvider, VIEWER_QUERY } from "./session.tsx";
import { SignInPage } from "./sign-in-page.tsx";

/** Whether the API still accepts the session, and whether this page had one before it stopped. */
export type SignedOut = "NO" | "NEVER_IN" | "EXPIRED";

/**
 * Lets pages render only for a signed-in person. The address stays as it was, so after signing in (again) the same page
 * opens. Cached figures are dropped at both edges: nobody sees what the person before them saw.
 */
export function SessionGate(props: {
  app: AppName;
  auth: Auth;
  signedOut: SignedOut;
  onChange: (next: SignedOut) => void;
  onOpen: () => void;
  children: ReactNode;
}) {
  const { app, auth, signedOut, onChange, onOpen, children } = props;
  const client = useApolloClient();
  const { data, error, refetch } = useQuery(VIEWER_QUERY, { skip: signedOut !== "NO" });
  const [leaving, setLeaving] = useState(false);
  const viewer = data?.viewer;
  useEffect(() => {
    if (viewer !== undefined) onOpen();
  }, [viewer, onOpen]);

  const reopen = async () => {
    await client.clearStore();
    onChange("NO");
  };
  const signOut = async () => {
    setLeaving(true);
    await auth.signOut().catch(() => undefined);
    await client.clearStore();
    setLeaving(false);
    onChange("NEVER_IN");
  };

  if (signedOut !== "NO") {
    return <SignInPage app={app} auth={auth} expired={signedOut === "EXPIRED"} onSignedIn={() => void reopen()} />;
  }
  if (viewer !== undefined && !leaving) {
    return <SessionProvider value={{ app, viewer, signOut: () => void signOut() }}>{children}</SessionProvider>;
  }
  if (error !== undefined && problemOf(error).kind !== "SIGNED_OUT") {
    return (
      <main className="ml-page">
        <ErrorState error={error} onRetry={() => void refetch()} />
      </main>
    );
  }
  return (
    <main className="ml-page">
      <PageSkeleton heights={[56, 150, 420]} label="Opening Meterline" />
    </main>
  );
}
