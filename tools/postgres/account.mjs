import { execFileSync, spawnSync } from "node:child_process";
import { chownSync, lchownSync, readdirSync } from "node:fs";
import path from "node:path";

/**
 * How to run PostgreSQL's programs as somebody it accepts: it refuses to run as root.
 * @typedef {object} Account
 * @property {(program: string, args: string[]) => { command: string, args: string[], ids: { uid?: number, gid?: number } }} wrap
 * @property {(directory: string) => void} own makes the directory and what is in it the account's
 */

/** @param {string} postgres path of the server program @param {string} parent folder that will hold the data directory @returns {Account} */
export function serverAccount(postgres, parent) {
  if (process.getuid?.() !== 0) {
    return { wrap: (program, args) => ({ command: program, args, ids: {} }), own: () => {} };
  }
  const { uid, gid } = postgresUser();
  const own = (/** @type {string} */ directory) => chownAll(directory, uid, gid);
  if (canUse(postgres, parent, { uid, gid })) {
    return { wrap: (program, args) => ({ command: program, args, ids: { uid, gid } }), own };
  }
  // The project lies where only root may look, such as root's home: let the account pass through folders. The bit keeps
  // the capability for access(), by which initdb asks whether it may run the server.
  const privileges = [`--reuid=${uid}`, `--regid=${gid}`, "--clear-groups"];
  const capabilities = ["--securebits=+no_setuid_fixup", "--inh-caps=+dac_override", "--ambient-caps=+dac_override"];
  return {
    wrap: (program, args) => ({
      command: "setpriv",
      args: [...privileges, ...capabilities, program, ...args],
      ids: {},
    }),
    own,
  };
}

/** The account `postgres`, made when the machine has none, as Debian's own package would. */
function postgresUser() {
  try {
    return lookUp();
  } catch {
    try {
      execFileSync("useradd", ["--system", "--user-group", "--no-create-home", "postgres"], { stdio: "pipe" });
      return lookUp();
    } catch (cause) {
      throw new Error(
        "PostgreSQL does not run as root, and no account 'postgres' could be made. Run as another user, or set DATABASE_URL.",
        { cause },
      );
    }
  }
}

function lookUp() {
  const id = (/** @type {string} */ flag) =>
    Number.parseInt(execFileSync("id", [flag, "postgres"], { stdio: "pipe" }).toString(), 10);
  return { uid: id("-u"), gid: id("-g") };
}

/** @param {string} postgres @param {string} parent @param {{ uid: number, gid: number }} ids */
function canUse(postgres, parent, ids) {
  const runs = spawnSync(postgres, ["--version"], { ...ids, cwd: "/", stdio: "ignore" }).status === 0;
  return runs && spawnSync("test", ["-x", parent], { ...ids, cwd: "/", stdio: "ignore" }).status === 0;
}

/** @param {string} directory @param {number} uid @param {number} gid */
function chownAll(directory, uid, gid) {
  chownSync(directory, uid, gid);
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const name = path.join(directory, entry.name);
    if (entry.isDirectory()) chownAll(name, uid, gid);
    else lchownSync(name, uid, gid);
  }
}
