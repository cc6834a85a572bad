export interface StackOptions {
  /** Where data, logs and secrets are kept; made on first use. */
  stateDirectory: string;
  /** The API's port. */
  port: number;
  /** The embedded database's port; unused with `databaseUrl`. */
  databasePort: number;
  /** A PostgreSQL server of the operator's own, in place of the embedded one. */
  databaseUrl?: string | undefined;
  /** Where a stand-in for Stripe listens; left out, none is started. */
  sandboxPort?: number | undefined;
  /** The environment of the API; what is given here goes before the defaults. */
  env: NodeJS.ProcessEnv;
  /** The API's program, for tests of the stack itself. */
  apiEntry?: string | undefined;
  /** Told when a server had to be started again. */
  say: (text: string) => void;
  /** Told when a server does not stay up; the caller stops the rest. */
  giveUp: (reason: string) => void;
}

/** PostgreSQL, the stand-in for Stripe and the API, kept running until they are stopped. Call them in this order. */
export class Stack {
  constructor(options: StackOptions);
  readonly url: string;
  readonly processIds: { api: number | undefined; database: number | undefined; sandbox: number | undefined };
  clearLeftovers(): Promise<void>;
  startDatabase(): Promise<void>;
  startSandbox(): Promise<void>;
  startApi(): Promise<void>;
  stop(): Promise<void>;
}
