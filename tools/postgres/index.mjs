export { openCluster } from "./cluster.mjs";
export { freePort, isPortFree } from "./ports.mjs";
export { stopLeftoverServer } from "./leftover-server.mjs";
