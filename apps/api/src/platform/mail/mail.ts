/** A message to one person. `id` stays the same when it is sent again, so that a mail system can tell. */
export type Mail = { id: string; to: string; subject: string; text: string; html: string };

/** How sending ended. UNKNOWN: it may have been taken; UNREACHABLE: it was not. */
export type MailResult = {
  outcome: "ACCEPTED" | "REFUSED" | "TIMED_OUT" | "UNREACHABLE" | "UNKNOWN";
  /** The reply code of the mail server. */
  status: number | null;
  message: string;
  /** Whether sending it again may help. */
  retryable: boolean;
};

/** What sends mail. */
export type Mailer = { send(mail: Mail): Promise<MailResult> };

/** A message that was kept instead of being sent. */
export type MailboxMessage = {
  id: string;
  sentTo: string;
  subject: string;
  textBody: string;
  htmlBody: string;
  createdAt: Date;
};
