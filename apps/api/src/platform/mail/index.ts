export type { Mail, Mailer, MailResult } from "./mail.ts";
export { Mailbox, serveMailbox } from "./mailbox.ts";
export { escapeHtml } from "./mailbox-pages.ts";
export { messageOf, SmtpMailer, type SmtpSettings } from "./smtp-mailer.ts";
