import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyRequest } from "fastify";

/** A built web app and the path it is served under, with slashes at both ends. */
export type WebApp = { prefix: string; directory: string };

const yearSeconds = 31_536_000;

/** Serves a single-page app: files whose names hold a hash for ever, any other path as its page. */
export async function serveWebApp(server: FastifyInstance, app: WebApp): Promise<void> {
  const bare = app.prefix.slice(0, -1);
  server.get(bare, async (_request, reply) => reply.redirect(app.prefix, 302));
  if (!existsSync(join(app.directory, "index.html"))) {
    server.get(`${app.prefix}*`, async (_request, reply) =>
      reply.code(503).type("text/plain").send("This app is not built. Run the build, then start again."),
    );
    return;
  }
  await server.register(async (scope) => {
    await scope.register(fastifyStatic, {
      root: app.directory,
      prefix: app.prefix,
      wildcard: false,
      index: ["index.html"],
      cacheControl: false,
      setHeaders(reply, path) {
        const hashed = relative(app.directory, path).startsWith("assets");
        reply.header("cache-control", hashed ? `public, max-age=${yearSeconds}, immutable` : "no-cache");
      },
    });
    scope.get(`${app.prefix}*`, async (request, reply) => {
      if (isPage(request, app.prefix)) return reply.sendFile("index.html");
      return reply.code(404).type("text/plain").send("There is no such file.");
    });
  });
}

// The app routes by itself, and an id in its paths may hold a dot; a missing file stays a missing file.
function isPage(request: FastifyRequest, prefix: string): boolean {
  const path = request.url.split("?", 1)[0] ?? "";
  if (path.startsWith(`${prefix}assets/`)) return false;
  const named = path.slice(path.lastIndexOf("/")).includes(".");
  return !named || (request.headers.accept ?? "").includes("text/html");
}
