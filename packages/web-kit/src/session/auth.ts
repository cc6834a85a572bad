import { createAuthClient } from "better-auth/react";
import type { AppName } from "../apollo/app-name.ts";

/** Why signing in did not work, in words for the person; null when it did. */
export type SignInProblem = string | null;

/** The two things an app does with better-auth. Each app has its own instance and cookie, so one sign-in never opens the other. */
export type Auth = {
  signIn(email: string, password: string): Promise<SignInProblem>;
  signOut(): Promise<void>;
};

/** E-mail and password sign-in of one app, on the API's own origin. */
export function createAuth(app: AppName): Auth {
  const client = createAuthClient({ basePath: `/api/auth/${app}` });
  return {
    async signIn(email, password) {
      try {
        const { error } = await client.signIn.email({ email, password });
        return error === null ? null : wordsFor(error.status);
      } catch {
        return wordsFor(0);
      }
    },
    async signOut() {
      await client.signOut();
    },
  };
}

/** The status says enough; the server's text is not shown, so that it can never reveal whether an address is known. */
function wordsFor(status: number): string {
  if (status === 429) return "Too many tries. Wait a minute, then try again.";
  if (status === 0 || status >= 500) return "Meterline could not be reached. Try again in a moment.";
  return "That e-mail address and password do not match.";
}
