export { serveGraphql } from "./graphql.route.ts";
export { serveHealth } from "./health.route.ts";
export { createHttpServer, type HttpSettings } from "./server.ts";
export { serveSignIn } from "./sign-in.route.ts";
export { serveWebApp, type WebApp } from "./web-app.route.ts";
