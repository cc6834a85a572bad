/** How to reach a cluster: both roles sign in over TCP on 127.0.0.1. */
export interface Credentials {
  /** The superuser, for creating databases and killing sessions. */
  adminPassword: string;
  /** The role that owns the application's databases: may create databases and roles, is no superuser. */
  ownerPassword: string;
}

export interface ClusterOptions {
  /** The data directory; made on first use. */
  directory: string;
  port: number;
  /** Where the server's own messages go; appended to. */
  logFile: string;
  credentials: Credentials;
  /** Server settings that replace the durable defaults, name to value. */
  settings?: Record<string, string>;
}

/** One PostgreSQL server and its data directory. */
export interface Cluster {
  readonly directory: string;
  readonly port: number;
  readonly running: boolean;
  readonly pid: number | undefined;
  /** Makes the data directory when there is none. Killed half way, it starts over next time. */
  initialise(): Promise<{ created: boolean }>;
  /** Starts and waits until connections are accepted; first stops what an earlier run left behind. */
  start(): Promise<void>;
  /** Disconnects everybody, writes a checkpoint and ends. */
  stop(): Promise<void>;
  /** SIGKILL to the server and its children, as a crash would; resolves when they are gone. */
  kill(): Promise<void>;
  /** Called when the server ends without `stop` or `kill`. */
  onUnexpectedExit(listener: (how: string) => void): void;
  /** Makes the owner role and the database when they are missing. */
  ensureDatabase(name: string): Promise<void>;
  url(database: string): string;
  adminUrl(database: string): string;
}

export function openCluster(options: ClusterOptions): Cluster;

/** A port nobody listens on now. */
export function freePort(): Promise<number>;
/** Whether this machine would let us listen on the port. */
export function isPortFree(port: number): Promise<boolean>;
/** Stops the server that still runs on a data directory whose owner died. True when there was one. */
export function stopLeftoverServer(directory: string): Promise<boolean>;
