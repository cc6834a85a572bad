// @vitest-environment jsdom
import { ApolloProvider } from "@apollo/client/react";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { apiError, MEMBER, mockApi, type MockRoot, provideBrowserParts } from "../testing/index.ts";
import { ThemeProvider } from "../theme/theme-provider.tsx";
import type { Auth } from "./auth.ts";
import { useSession } from "./session.tsx";
import { SessionGate, type SignedOut } from "./session-gate.tsx";

provideBrowserParts();
afterEach(cleanup);

const viewer = { ...MEMBER, scopes: [] };
const auth: Auth = { signIn: async () => null, signOut: async () => undefined };

function Inside() {
  const { viewer: person, signOut } = useSession();
  return (
    <button type="button" onClick={signOut}>
      {person.name}
    </button>
  );
}

function renderGate(options: {
  root?: MockRoot;
  signedOut?: SignedOut;
  auth?: Auth;
  onChange?: (next: SignedOut) => void;
}) {
  return render(
    <ThemeProvider>
      <ApolloProvider client={mockApi(options.root ?? { viewer }).client}>
        <SessionGate
          app="portal"
          auth={options.auth ?? auth}
          signedOut={options.signedOut ?? "NO"}
          onChange={options.onChange ?? (() => undefined)}
          onOpen={() => undefined}
        >
          <Inside />
        </SessionGate>
      </ApolloProvider>
    </ThemeProvider>,
  );
}

async function submit(email: string, password: string) {
  fireEvent.change(screen.getByLabelText("E-mail"), { target: { value: email } });
  fireEvent.change(screen.getByLabelText("Password"), { target: { value: password } });
  fireEvent.click(screen.getByRole("button", { name: "Sign in" }));
}

test("a signed-in person sees the pages", async () => {
  renderGate({});
  expect(await screen.findByText("Mia Member")).toBeDefined();
});

test("somebody never signed in is asked to, without a word about a session", () => {
  renderGate({ signedOut: "NEVER_IN" });
  expect(screen.getByRole("heading", { name: "Sign in" })).toBeDefined();
  expect(screen.queryByText(/session has ended/)).toBeNull();
});

test("an ended session says so above the form", () => {
  renderGate({ signedOut: "EXPIRED" });
  expect(screen.getByText(/Your session has ended/)).toBeDefined();
});

test("a refused sign-in says why and keeps the form", async () => {
  const onChange = vi.fn<(next: SignedOut) => void>();
  renderGate({ signedOut: "NEVER_IN", onChange, auth: { ...auth, signIn: async () => "No match." } });
  await submit("mia@example.test", "wrong");
  expect((await screen.findByText("No match.")).getAttribute("role")).toBe("alert");
  expect(onChange).not.toHaveBeenCalled();
});

test("signing in opens the page that was asked for", async () => {
  const onChange = vi.fn<(next: SignedOut) => void>();
  const signIn = vi.fn<Auth["signIn"]>(async () => null);
  renderGate({ signedOut: "EXPIRED", onChange, auth: { ...auth, signIn } });
  await submit(" mia@example.test ", "right");
  await vi.waitFor(() => expect(onChange).toHaveBeenCalledWith("NO"));
  expect(signIn).toHaveBeenCalledWith("mia@example.test", "right");
});

test("signing out ends the session even when the server does not answer", async () => {
  const onChange = vi.fn<(next: SignedOut) => void>();
  const signOut = () => Promise.reject(new TypeError("Failed to fetch"));
  renderGate({ onChange, auth: { ...auth, signOut } });
  fireEvent.click(await screen.findByText("Mia Member"));
  await vi.waitFor(() => expect(onChange).toHaveBeenCalledWith("NEVER_IN"));
});

test("an API that fails is no reason to ask for a password: it offers another try", async () => {
  renderGate({
    root: {
      viewer: () => {
        throw apiError("UNAVAILABLE");
      },
    },
  });
  expect(await screen.findByText("Meterline is not answering right now")).toBeDefined();
  expect(screen.getByRole("button", { name: "Try again" })).toBeDefined();
});
