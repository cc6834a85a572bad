import type { FastifyInstance, FastifyRequest } from "fastify";
import { clientAddressHeader, type SignIn, type SignInAudience } from "../auth/index.ts";

/** Mounts a web app's sign-in at /api/auth/<audience>/. */
export async function serveSignIn(server: FastifyInstance, audience: SignInAudience, signIn: SignIn): Promise<void> {
  await server.register(async (scope) => {
    // better-auth reads the body itself.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    scope.route({
      method: ["GET", "POST"],
      url: `/api/auth/${audience}/*`,
      async handler(request, reply) {
        const answer = await signIn.handler(webRequest(request, signIn.options.baseURL));
        reply.code(answer.status);
        for (const [name, value] of answer.headers) if (name !== "set-cookie") reply.header(name, value);
        for (const cookie of answer.headers.getSetCookie()) reply.header("set-cookie", cookie);
        return reply.send(Buffer.from(await answer.arrayBuffer()));
      },
    });
  });
}

// The public address is the base, whatever the Host header says: it may be anything, also nothing.
function webRequest(request: FastifyRequest, publicUrl: string): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) headers.append(name, one);
  }
  headers.set(clientAddressHeader, request.ip);
  const body = Buffer.isBuffer(request.body) && request.body.length > 0 ? new Uint8Array(request.body) : null;
  return new Request(new URL(request.url, publicUrl), {
    method: request.method,
    headers,
    ...(request.method === "GET" ? {} : { body }),
  });
}
