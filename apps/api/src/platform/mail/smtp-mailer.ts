import { createTransport, type Transporter } from "nodemailer";
import type { Mail, Mailer, MailResult } from "./mail.ts";

/** The mail server, and who mail is from. */
export type SmtpSettings = { url: string; from: string; timeoutMs: number };

type SmtpError = Error & { code?: string; responseCode?: number; command?: string };

/** Codes of nodemailer for a conversation that never reached the message itself. */
const beforeTheMessage = new Set(["ECONNECTION", "EDNS", "ETLS", "EAUTH", "EPROXY"]);

/** Sends through a mail server. */
export class SmtpMailer implements Mailer {
  readonly #transport: Transporter;
  readonly #from: string;

  constructor({ url, from, timeoutMs }: SmtpSettings) {
    this.#from = from;
    const timeouts = { connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs };
    this.#transport = createTransport({ url, ...timeouts, disableFileAccess: true, disableUrlAccess: true });
  }

  async send(mail: Mail): Promise<MailResult> {
    try {
      const { response } = (await this.#transport.sendMail(messageOf(mail, this.#from))) as { response?: string };
      return { outcome: "ACCEPTED", status: 250, message: firstLine(response ?? "Accepted."), retryable: false };
    } catch (error) {
      return failureOf(error as SmtpError);
    }
  }
}

/** A message as nodemailer composes it; also what the tests look at. */
export function messageOf({ id, to, subject, text, html }: Mail, from: string) {
  return {
    from,
    to: { address: to, name: "" },
    subject,
    text,
    html,
    messageId: `<${id}@meterline>`,
    // Nobody answers a machine, and other machines should not either (RFC 3834).
    headers: { "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All" },
  };
}

function failureOf(error: SmtpError): MailResult {
  const status = error.responseCode ?? null;
  const message = firstLine(error.message);
  if (status !== null)
    return { outcome: "REFUSED", status, message, retryable: status < 500 || error.code === "EAUTH" };
  if (error.code === "EENVELOPE") return { outcome: "REFUSED", status, message, retryable: false };
  if (beforeTheMessage.has(error.code ?? "") || error.command === "CONN")
    return { outcome: "UNREACHABLE", status, message, retryable: true };
  // The message was on its way, and nobody said whether it was taken.
  return { outcome: error.code === "ETIMEDOUT" ? "TIMED_OUT" : "UNKNOWN", status, message, retryable: true };
}

function firstLine(text: string): string {
  return (text.split("\n", 1)[0] ?? "").slice(0, 300);
}
