import "./sign-in.css";
import { Alert, Button, PasswordInput, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useRef, useState } from "react";
import type { AppName } from "../apollo/app-name.ts";
import { SchemeToggle } from "../theme/scheme-toggle.tsx";
import { Wordmark } from "../shell/wordmark.tsx";
import type { Auth } from "./auth.ts";

const COPY: Record<AppName, { title: string; note: string }> = {
  portal: { title: "Sign in", note: "See your usage, how it is priced, and your bill so far." },
  admin: { title: "Staff sign-in", note: "For the operator's own people. Customers sign in to the portal." },
};

/** The sign-in form of an app. `expired` explains why somebody who was signed in sees it. */
export function SignInPage(props: { app: AppName; auth: Auth; expired: boolean; onSignedIn: () => void }) {
  const { app, auth, expired, onSignedIn } = props;
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const emailRef = useRef<HTMLInputElement>(null);
  useEffect(() => emailRef.current?.focus(), []);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(null);
    const refused = await auth.signIn(String(form.get("email")).trim(), String(form.get("password")));
    setBusy(false);
    if (refused === null) onSignedIn();
    else setProblem(refused);
  };

  return (
    <div className="ml-signin" data-app={app}>
      <title>{`${COPY[app].title} · Meterline`}</title>
      <div className="ml-signin-corner">
        <SchemeToggle />
      </div>
      <main className="ml-signin-card">
        <Wordmark staff={app === "admin"} />
        <h1>{COPY[app].title}</h1>
        <p className="ml-signin-note">{COPY[app].note}</p>
        {expired ? (
          <Alert color="petrol" variant="light" role="status">
            Your session has ended. Sign in again to carry on where you were.
          </Alert>
        ) : null}
        <form onSubmit={submit}>
          <TextInput
            ref={emailRef}
            name="email"
            type="email"
            label="E-mail"
            autoComplete="username"
            required
            withAsterisk={false}
            size="md"
          />
          <PasswordInput
            name="password"
            label="Password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            size="md"
          />
          <div className="ml-signin-problem" role="alert">
            {problem}
          </div>
          <Button type="submit" size="md" fullWidth loading={busy}>
            Sign in
          </Button>
        </form>
      </main>
    </div>
  );
}
