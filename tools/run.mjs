// `npm run import|catalog|bench|simulate -- …`. Runs on any Node from 18 on: newer syntax belongs behind the import.
import { onCurrentNode } from "./bootstrap/node.mjs";

await onCurrentNode(import.meta.url, () => import("./run/main.mjs"));
