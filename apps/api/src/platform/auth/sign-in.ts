import { betterAuth } from "better-auth";
import { twoFactor } from "better-auth/plugins/two-factor";
import { PostgresDialect } from "kysely";
import type { Pool } from "pg";
import type { Sql } from "../database/index.ts";
import type { Logger } from "../observability/logger.ts";

/** Which of the two web apps: each has its own people, cookies and tables. */
export type SignInAudience = "portal" | "admin";

/** What sign-in needs to know. */
export type SignInSettings = {
  audience: SignInAudience;
  pool: Pool;
  secret: string;
  /** The origin that people type, without a trailing slash. */
  publicUrl: string;
  logger: Logger;
};

/** One better-auth instance. Its tables lie in a schema of their own, made by our migrations. */
export type SignIn = ReturnType<typeof createSignIn>;

/** Sign-in for one web app: e-mail and password, sessions in the database, nobody signs up by themselves. */
export function createSignIn(settings: SignInSettings) {
  const { audience, logger } = settings;
  return betterAuth({
    appName: audience === "portal" ? "Meterline" : "Meterline admin",
    baseURL: settings.publicUrl,
    basePath: `/api/auth/${audience}`,
    secret: settings.secret,
    trustedOrigins: originsOf(settings.publicUrl),
    database: {
      dialect: new PostgresDialect({ pool: settings.pool }),
      type: "postgres",
      schemaName: `auth_${audience}`,
      transaction: true,
    },
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 12, maxPasswordLength: 128 },
    session: { expiresIn: 7 * 24 * 3600, updateAge: 24 * 3600 },
    // Kept in the database, so that a second process does not double what a guesser may try.
    rateLimit: {
      enabled: true,
      storage: "database",
      window: 60,
      max: 300,
      customRules: { "/sign-in/email": { window: 60, max: 10 } },
    },
    advanced: {
      cookiePrefix: `meterline-${audience}`,
      useSecureCookies: settings.publicUrl.startsWith("https:"),
      // Said, because otherwise better-auth lets variables of the environment (TEST, NODE_ENV) turn them off.
      disableOriginCheck: false,
      disableCSRFCheck: false,
      // Set by our own HTTP layer from the socket, or from the proxy that the settings trust.
      ipAddress: { ipAddressHeaders: [clientAddressHeader] },
    },
    telemetry: { enabled: false },
    logger: {
      level: "warn",
      log: (level, message) => logger[level === "error" ? "error" : "warn"]({ audience }, `sign-in: ${message}`),
    },
    plugins: audience === "admin" ? [twoFactor({ issuer: "Meterline admin" })] : [],
  });
}

/** The header in which the HTTP layer hands over the client's address; whatever a client sends in it is overwritten. */
export const clientAddressHeader = "x-meterline-client-address";

/** The public origin; on the local machine, both names of the loopback too. */
export function originsOf(publicUrl: string): string[] {
  const { origin, hostname } = new URL(publicUrl);
  const loopback = ["localhost", "127.0.0.1"];
  if (!loopback.includes(hostname)) return [origin];
  return loopback.map((name) => {
    const url = new URL(origin);
    url.hostname = name;
    return url.origin;
  });
}

/** A person to sign in with. */
export type Person = { email: string; name: string; password: string };

/** Makes a person who can sign in, or finds the one with this e-mail; the password is then left alone. */
export async function makePerson(signIn: SignIn, person: Person): Promise<{ userId: string; made: boolean }> {
  const context = await signIn.$context;
  const email = person.email.toLowerCase();
  const existing = await context.internalAdapter.findUserByEmail(email);
  if (existing) return { userId: existing.user.id, made: false };
  const hash = await context.password.hash(person.password);
  const user = await context.internalAdapter.createUser(
    { email, name: person.name, emailVerified: true },
    { method: "email-password" },
  );
  await context.internalAdapter.linkAccount({
    userId: user.id,
    providerId: "credential",
    accountId: user.id,
    password: hash,
  });
  return { userId: user.id, made: true };
}

/** The id of the person with this e-mail, who is made if there is none. */
export async function ensurePerson(signIn: SignIn, person: Person): Promise<string> {
  return (await makePerson(signIn, person)).userId;
}

/**
 * Gives a person of the portal another password and ends every session, in the caller's transaction: there is no moment
 * in which the new password holds and an old session goes on. False when there is nobody to give one to.
 */
export async function replacePassword(
  signIn: SignIn,
  sql: Sql,
  person: { userId: string; password: string },
): Promise<boolean> {
  const hash = await (await signIn.$context).password.hash(person.password);
  const changed = await sql.query(
    `UPDATE auth_portal."account" SET password = $2, "updatedAt" = now()
     WHERE "userId" = $1 AND "providerId" = 'credential' RETURNING id`,
    [person.userId, hash],
  );
  await sql.query(`DELETE FROM auth_portal."session" WHERE "userId" = $1`, [person.userId]);
  return changed.length > 0;
}
