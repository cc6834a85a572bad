import net from "node:net";

/** A port nobody listens on now. */
export async function freePort() {
  const server = await listen(0, "127.0.0.1");
  const { port } = /** @type {net.AddressInfo} */ (server.address());
  await close(server);
  return port;
}

/**
 * Whether this machine would let us listen on the port, on every address and on loopback alone: a listener on the
 * one does not always refuse a listener on the other.
 * @param {number} port
 */
export async function isPortFree(port) {
  for (const host of [undefined, "127.0.0.1"]) {
    try {
      await close(await listen(port, host));
    } catch {
      return false;
    }
  }
  return true;
}

/** @param {number} port @param {string | undefined} host @returns {Promise<net.Server>} */
function listen(port, host) {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once("error", reject);
    server.listen({ port, host, exclusive: true }, () => resolve(server));
  });
}

/** @param {net.Server} server */
function close(server) {
  return new Promise((resolve) => server.close(resolve));
}
