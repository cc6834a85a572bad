import type { FastifyInstance } from "fastify";
import type { Clock } from "../clock.ts";
import { isUuid, type Sql } from "../database/index.ts";
import type { Mail, MailboxMessage, Mailer, MailResult } from "./mail.ts";
import { listPage, messagePage } from "./mailbox-pages.ts";

const mostListed = 200;
const mostHookBytes = 65_536;

/** In development: keeps mail in a table. A message that is sent again is there once. */
export class Mailbox implements Mailer {
  readonly #sql: Sql;
  readonly #clock: Clock;

  constructor(sql: Sql, clock: Clock) {
    this.#sql = sql;
    this.#clock = clock;
  }

  async send({ id, to, subject, text, html }: Mail): Promise<MailResult> {
    await this.#sql.query(
      `INSERT INTO mailbox_message (id, sent_to, subject, text_body, html_body, created_at) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (id) DO NOTHING`,
      [id, to, subject, text, html, new Date(this.#clock.now())],
    );
    return { outcome: "ACCEPTED", status: 250, message: "Kept in the mailbox.", retryable: false };
  }

  /** The latest messages, latest first. */
  list(): Promise<MailboxMessage[]> {
    return this.#sql.query<MailboxMessage>(`${selectMessage} ORDER BY created_at DESC, id LIMIT ${mostListed}`);
  }

  async find(id: string): Promise<MailboxMessage | null> {
    if (!isUuid(id)) return null;
    const [message] = await this.#sql.query<MailboxMessage>(`${selectMessage} WHERE id = $1`, [id]);
    return message ?? null;
  }
}

const selectMessage = `SELECT id, sent_to AS "sentTo", subject, text_body AS "textBody", html_body AS "htmlBody",
  created_at AS "createdAt" FROM mailbox_message`;

/**
 * Shows the mailbox at /mailbox, to anybody who can reach the port: for development only. Beside it, /mailbox/hook takes
 * webhooks as a customer's system would, and keeps them where they can be looked at.
 */
export function serveMailbox(server: FastifyInstance, mailbox: Mailbox): void {
  const page = { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" };
  server.get("/mailbox", async (_request, reply) => reply.headers(page).send(listPage(await mailbox.list())));
  server.get<{ Params: { id: string } }>("/mailbox/:id", async (request, reply) => {
    const message = await mailbox.find(request.params.id);
    if (message === null) return reply.callNotFound();
    return reply.headers(page).send(messagePage(message));
  });
  server.get<{ Params: { id: string } }>("/mailbox/:id/html", async (request, reply) => {
    const message = await mailbox.find(request.params.id);
    if (message === null) return reply.callNotFound();
    // Shown in a frame of our own page, without scripts, as a mail program would.
    const policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox";
    return reply.headers({ ...page, "content-security-policy": policy }).send(message.htmlBody);
  });
  server.post("/mailbox/hook", { bodyLimit: mostHookBytes }, async (request, reply) => {
    const body = JSON.stringify(request.body, null, 2);
    const headers = Object.entries(request.headers).filter(([name]) => name.startsWith("webhook-"));
    const text = `${headers.map(([name, value]) => `${name}: ${String(value)}`).join("\n")}\n\n${body}`;
    const id = /^msg_([0-9a-f-]{36})$/.exec(String(request.headers["webhook-id"]))?.[1];
    if (id === undefined || !isUuid(id)) return reply.code(400).send({ error: "webhook-id is missing" });
    await mailbox.send({ id, to: "webhook: /mailbox/hook", subject: subjectOf(request.body), text, html: "" });
    return reply.code(204).send();
  });
}

function subjectOf(body: unknown): string {
  const { type, data } = (body ?? {}) as { type?: unknown; data?: { title?: unknown } };
  return [type, data?.title].filter((part) => typeof part === "string").join(": ") || "A webhook";
}
