import { ApolloProvider } from "@apollo/client/react";
import { type ReactNode, useCallback, useRef, useState } from "react";
import { BrowserRouter } from "react-router";
import type { AppName } from "../apollo/app-name.ts";
import { createApolloClient } from "../apollo/client.ts";
import { LiveProvider } from "../live/live-context.tsx";
import { LiveStateStore } from "../live/live-state.ts";
import { createAuth } from "../session/auth.ts";
import { SessionGate, type SignedOut } from "../session/session-gate.tsx";
import { ThemeProvider } from "../theme/theme-provider.tsx";
import { FaultBoundary } from "./fault-boundary.tsx";

/** Everything around an app's routes: theme, GraphQL client, sign-in, router under /portal or /admin. */
export function AppRoot({ app, children }: { app: AppName; children: ReactNode }) {
  const [signedOut, setSignedOut] = useState<SignedOut>("NO");
  const wasIn = useRef(false);
  const [services] = useState(() => {
    const state = new LiveStateStore();
    const onSignedOut = () => setSignedOut((now) => (now === "NO" ? (wasIn.current ? "EXPIRED" : "NEVER_IN") : now));
    return { auth: createAuth(app), state, client: createApolloClient({ app, state, onSignedOut }) };
  });
  const opened = useCallback(() => {
    wasIn.current = true;
  }, []);
  const changed = useCallback((next: SignedOut) => {
    wasIn.current = false;
    setSignedOut(next);
  }, []);
  return (
    <ThemeProvider>
      <FaultBoundary>
        <ApolloProvider client={services.client}>
          <LiveProvider value={services.state}>
            <BrowserRouter basename={`/${app}`}>
              <SessionGate app={app} auth={services.auth} signedOut={signedOut} onChange={changed} onOpen={opened}>
                {children}
              </SessionGate>
            </BrowserRouter>
          </LiveProvider>
        </ApolloProvider>
      </FaultBoundary>
    </ThemeProvider>
  );
}
