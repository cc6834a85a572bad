import { readdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";

/** Who the CPU's time is counted for. PostgreSQL is all of its processes: backends, WAL writer, checkpointer. */
export type Part = "api" | "postgres" | "client";

/**
 * CPU (user and system) of each part so far, and of the whole machine with its neighbours, in microseconds; null where
 * the machine does not tell (not Linux).
 */
export type CpuTime = Record<Part | "machine", number> | null;

/** The kernel's clock ticks a second in /proc: 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** Reads what each part has used so far. A backend that ended is counted with the server that started it. */
export function cpuTimeOf(pids: { api: number; backend: number }): CpuTime {
  if (process.platform !== "linux") return null;
  const postgres = statOf(pids.backend)?.parent ?? 0;
  const { user, system } = process.cpuUsage();
  const server = statOf(postgres);
  const children = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => statOf(Number(name)))
    .filter((one) => one?.parent === postgres);
  return {
    api: micros(statOf(pids.api)?.own),
    postgres: micros(server?.own) + micros(server?.ofEnded) + children.reduce((sum, one) => sum + micros(one?.own), 0),
    client: user + system,
    machine: cpus().reduce((sum, { times }) => sum + (times.user + times.nice + times.sys + times.irq) * 1_000, 0),
  };
}

function micros(ticks: number | undefined): number {
  return ((ticks ?? 0) * 1_000_000) / ticksPerSecond;
}

/** Fields of /proc/PID/stat (man 5 proc): 4 parent, 14 and 15 user and system, 16 and 17 those of children that ended. */
function statOf(pid: number): { parent: number; own: number; ofEnded: number } | undefined {
  try {
    // The name, in parentheses, may hold anything; the fields behind it begin with the third.
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const field = (number: number) => Number(fields[number - 3]);
    return { parent: field(4), own: field(14) + field(15), ofEnded: field(16) + field(17) };
  } catch {
    return undefined;
  }
}
