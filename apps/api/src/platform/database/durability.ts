import type { Sql } from "./sql.ts";

/** The server's settings that decide whether what is committed survives a crash. */
export type DurabilitySettings = { fsync: string; full_page_writes: string; synchronous_commit: string };

/** What is wrong with a server's settings: what may not be, and what is right only on some file systems. */
export type DurabilityFaults = { refusals: string[]; warnings: string[] };

/** For every session of ours, whatever the server's own default is: a commit that is answered is on disk. */
export const durableSession = "-c synchronous_commit=on";

/** Judges the settings that our sessions run under. */
export function durabilityFaults(settings: DurabilitySettings): DurabilityFaults {
  const refusals: string[] = [];
  if (settings.fsync !== "on")
    refusals.push(
      "fsync is off: a crash would lose usage that was answered as recorded, or damage all of it. Turn it on.",
    );
  if (settings.synchronous_commit === "off")
    refusals.push(
      "synchronous_commit is off for our sessions: a crash would lose usage that was answered as recorded. " +
        "Take it out of the options of DATABASE_URL, or turn it on.",
    );
  const warnings =
    settings.full_page_writes === "on"
      ? []
      : [
          "full_page_writes is off: a crash may damage pages, unless the file system never writes half a page (as ZFS). " +
            "Turn it on if yours may.",
        ];
  return { refusals, warnings };
}

/** Reads the settings of a session of ours. */
export async function readDurability(sql: Sql): Promise<DurabilitySettings> {
  const [settings] = await sql.query<DurabilitySettings>(
    `SELECT current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes,
       current_setting('synchronous_commit') AS synchronous_commit`,
  );
  if (settings === undefined) throw new Error("Invariant broken: a SELECT without FROM answers one row");
  return settings;
}

/** The server that DATABASE_URL names does not keep what it commits: start-up stops and says which setting it is. */
export class NotDurableError extends Error {
  constructor(refusals: readonly string[]) {
    super(`Meterline cannot keep usage on this PostgreSQL server:\n${refusals.map((one) => `  ${one}`).join("\n")}`);
  }
}

/** Throws {@link NotDurableError}; answers what a person should hear. */
export async function requireDurable(sql: Sql): Promise<string[]> {
  const { refusals, warnings } = durabilityFaults(await readDurability(sql));
  if (refusals.length > 0) throw new NotDurableError(refusals);
  return warnings;
}
