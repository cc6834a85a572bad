import { createHash } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

const ANSWER_TIMEOUT_MS = 2_000;
const STOPPING_TIMEOUT_MS = 90_000;
// The system's own limit on a socket's path is 104 bytes or a little more.
const LONGEST_PATH = 100;

/** @typedef {{ pid: number, url: string, state: "running" | "stopping" }} Instance */

/**
 * Makes this process the only one that runs on a state directory, for as long as it lives: whatever way it ends, its
 * socket stops answering. While an earlier one is stopping, waits for it.
 * @param {string} stateDirectory @param {Instance} self told to those who ask; may be changed
 * @returns {Promise<{ held: true, release: () => void } | { held: false, other: Instance }>}
 */
export async function becomeOnlyInstance(stateDirectory, self) {
  // On a fresh clone it is the first to need the folder.
  mkdirSync(stateDirectory, { recursive: true });
  const place = socketPath(stateDirectory);
  const deadline = performance.now() + STOPPING_TIMEOUT_MS;
  for (;;) {
    const other = await ask(place);
    if (!other) break;
    if (other.state === "running" || performance.now() > deadline) return { held: false, other };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  if (process.platform !== "win32") rmSync(place, { force: true });
  const server = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.end(JSON.stringify(self));
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(place, () => resolve(undefined));
  });
  server.unref();
  return { held: true, release: () => server.close() };
}

/** @param {string} stateDirectory */
function socketPath(stateDirectory) {
  const name = `meterline-${createHash("sha256").update(stateDirectory).digest("hex").slice(0, 16)}`;
  if (process.platform === "win32") return `\\\\.\\pipe\\${name}`;
  const inside = path.join(stateDirectory, "start.sock");
  const nearby = path.relative(process.cwd(), inside);
  const shorter = nearby.length < inside.length ? nearby : inside;
  return shorter.length <= LONGEST_PATH ? shorter : path.join(tmpdir(), `${name}.sock`);
}

/** @param {string} place @returns {Promise<Instance | undefined>} who holds it, if anybody lives there */
function ask(place) {
  return new Promise((resolve) => {
    const socket = net.connect(place);
    let answer = "";
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy());
    socket.on("data", (chunk) => (answer += chunk));
    socket.on("error", () => {});
    socket.on("close", () => {
      try {
        resolve(answer ? JSON.parse(answer) : undefined);
      } catch {
        resolve(undefined);
      }
    });
  });
}
