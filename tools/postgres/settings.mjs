import { totalmem } from "node:os";

const MEGABYTE = 1024 * 1024;

/**
 * Settings for a server that holds money: everything acknowledged is on disk. Speed comes from memory and from rarer
 * checkpoints, never from fsync.
 * @returns {Record<string, string>}
 */
export function durableSettings() {
  const buffersMb = Math.max(64, Math.min(512, Math.floor(totalmem() / MEGABYTE / 8)));
  return {
    fsync: "on",
    synchronous_commit: "on",
    full_page_writes: "on",
    listen_addresses: "127.0.0.1",
    // TCP only: a socket's lock file in a shared folder outlives a kill and can block the next start.
    unix_socket_directories: "",
    shared_buffers: `${buffersMb}MB`,
    max_connections: "200",
    max_wal_size: "2GB",
    checkpoint_timeout: "15min",
    checkpoint_completion_target: "0.9",
    // Every query here is short; compiling one costs more than running it.
    jit: "off",
    log_checkpoints: "off",
    log_timezone: "UTC",
    timezone: "UTC",
  };
}

/** @param {Record<string, string>} settings @returns {string[]} command-line flags */
export function settingFlags(settings) {
  return Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}
