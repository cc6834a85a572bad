import type { MailboxMessage } from "./mail.ts";

const style = `
  body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1.5rem; color: #1b2330; background: #f6f7f9; }
  h1 { font-size: 1.25rem; } table { width: 100%; border-collapse: collapse; background: #fff; }
  th, td { text-align: left; padding: .5rem .75rem; border-bottom: 1px solid #e3e6eb; vertical-align: top; }
  th { font-weight: 600; } a { color: #0b5cad; } pre { white-space: pre-wrap; background: #fff; padding: 1rem; overflow-wrap: anywhere; }
  iframe { width: 100%; height: 32rem; border: 1px solid #e3e6eb; background: #fff; } .quiet { color: #56606f; }
  @media (prefers-color-scheme: dark) {
    body { color: #e6e9ee; background: #12161c; } table, pre { background: #1a2029; }
    th, td { border-color: #2b333f; } a { color: #7db7f0; } .quiet { color: #a3adba; } }`;

/** The list of what was kept, latest first. */
export function listPage(messages: readonly MailboxMessage[]): string {
  const rows = messages.map(
    (one) =>
      `<tr><td><time datetime="${one.createdAt.toISOString()}">${timeOf(one.createdAt)}</time></td>` +
      `<td>${escapeHtml(one.sentTo)}</td><td><a href="/mailbox/${one.id}">${escapeHtml(one.subject)}</a></td></tr>`,
  );
  const table =
    rows.length === 0
      ? "<p>Nothing has been sent yet.</p>"
      : `<table><thead><tr><th scope="col">When (UTC)</th><th scope="col">To</th><th scope="col">Subject</th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
  return page(
    "Mailbox",
    `<h1>Mailbox</h1><p class="quiet">Mail and webhooks of this development system. Nothing leaves it.</p>${table}`,
  );
}

/** One message, as HTML and as text. */
export function messagePage(message: MailboxMessage): string {
  const html =
    message.htmlBody === ""
      ? ""
      : `<h2>As HTML</h2><iframe src="/mailbox/${message.id}/html" title="The message as HTML" sandbox></iframe>`;
  return page(
    message.subject,
    `<p><a href="/mailbox">Mailbox</a></p><h1>${escapeHtml(message.subject)}</h1>` +
      `<p class="quiet">To ${escapeHtml(message.sentTo)}, ${timeOf(message.createdAt)} UTC</p>${html}` +
      `<h2>As text</h2><pre>${escapeHtml(message.textBody)}</pre>`,
  );
}

function page(title: string, body: string): string {
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
    `<title>${escapeHtml(title)} · Meterline</title><style>${style}</style></head><body><main>${body}</main></body></html>`
  );
}

function timeOf(at: Date): string {
  return at.toISOString().replace("T", " ").slice(0, 19);
}

/** Text as HTML shows it. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
