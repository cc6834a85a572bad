import { lookup } from "node:dns/promises";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP } from "node:net";
import { isPublicAddress } from "./public-address.ts";

/** How an attempt ended. BLOCKED: the address is not a public one. UNREACHABLE: nothing was sent. */
export type PostOutcome = "ACCEPTED" | "REFUSED" | "TIMED_OUT" | "UNREACHABLE" | "BLOCKED";

/** What came of a POST; `message` is for the owner of the endpoint and names nothing of ours. */
export type PostResult = { outcome: PostOutcome; status: number | null; message: string };

/** What may be reached, and how long it may take. */
export type PostSettings = {
  allowLoopback: boolean;
  timeoutMs: number;
  /** Of an answer no more is read. */
  maxAnswerBytes: number;
};

type Resolved = { address: string; family: number };

/**
 * Posts to an address that a customer gave, which may point anywhere. Its name is resolved once, every address that it
 * has must be public, and the connection goes to the one that was checked, so that a name cannot change in between. No
 * redirect is followed; the whole exchange has one deadline; of an answer only so much is read.
 */
export async function postWebhook(
  target: { url: string; headers: Readonly<Record<string, string>>; body: string },
  settings: PostSettings,
): Promise<PostResult> {
  const deadlineAt = performance.now() + settings.timeoutMs;
  const url = URL.canParse(target.url) ? new URL(target.url) : null;
  const fault = url === null ? "The URL cannot be read." : urlFault(url, settings);
  if (url === null || fault !== null) return { outcome: "BLOCKED", status: null, message: fault ?? "" };
  const resolved = await resolveHost(url.hostname, settings);
  if ("outcome" in resolved) return resolved;
  return send(url, target, { resolved, settings, leftMs: Math.max(1, deadlineAt - performance.now()) });
}

/** What is wrong with a URL before anything is asked of the network; null for nothing. */
export function urlFault(url: URL, { allowLoopback }: { allowLoopback: boolean }): string | null {
  if (url.username !== "" || url.password !== "") return "The URL must not hold a user name or a password.";
  if (url.protocol === "http:" && allowLoopback) return null;
  if (url.protocol !== "https:") return "The URL must begin with https://.";
  return null;
}

/** The address to connect to, or why there is none. */
export async function resolveHost(
  hostname: string,
  { allowLoopback }: { allowLoopback: boolean },
): Promise<Resolved | PostResult> {
  const host = hostname.replace(/^\[|\]$/g, "");
  let addresses: Resolved[];
  try {
    addresses = isIP(host) === 0 ? await lookup(host, { all: true }) : [{ address: host, family: isIP(host) }];
  } catch {
    return { outcome: "UNREACHABLE", status: null, message: `The name ${host} cannot be resolved.` };
  }
  const [first] = addresses;
  if (first === undefined || addresses.some(({ address }) => !isPublicAddress(address, { allowLoopback }))) {
    const message = `${host} is not a public address; webhooks go to the internet only.`;
    return { outcome: "BLOCKED", status: null, message };
  }
  return first;
}

function send(
  url: URL,
  target: { headers: Readonly<Record<string, string>>; body: string },
  of: { resolved: Resolved; settings: PostSettings; leftMs: number },
): Promise<PostResult> {
  const { resolved, settings, leftMs } = of;
  const request = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    let connected = false;
    const finish = (result: PostResult) => {
      clearTimeout(timer);
      resolve(result);
      sent.destroy();
    };
    const sent = request(
      url,
      {
        method: "POST",
        agent: false,
        headers: { ...target.headers, "content-length": Buffer.byteLength(target.body) },
        // Whatever the name says by now: the address that was checked.
        lookup: (_host, options, callback) => {
          if (options.all) callback(null, [resolved]);
          else callback(null, resolved.address, resolved.family);
        },
      },
      (answer) => {
        const status = answer.statusCode ?? 0;
        let bytes = 0;
        answer.on("data", (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > settings.maxAnswerBytes) finish(resultOf(status));
        });
        answer.on("end", () => finish(resultOf(status)));
        answer.on("error", () => finish(resultOf(status)));
      },
    );
    const timer = setTimeout(() => {
      const message = `No whole answer within ${settings.timeoutMs / 1000} s.`;
      finish({ outcome: "TIMED_OUT", status: null, message });
    }, leftMs);
    sent.on("socket", (socket) => socket.once("connect", () => (connected = true)));
    sent.on("error", (error: NodeJS.ErrnoException) => {
      const reason = error.code ?? "the connection failed";
      const message = connected ? `The connection broke before an answer: ${reason}.` : `Cannot connect: ${reason}.`;
      finish({ outcome: connected ? "REFUSED" : "UNREACHABLE", status: null, message });
    });
    sent.end(target.body);
  });
}

function resultOf(status: number): PostResult {
  if (status >= 200 && status < 300) return { outcome: "ACCEPTED", status, message: `Answered ${status}.` };
  const redirect = status >= 300 && status < 400 ? " Redirects are not followed." : "";
  return { outcome: "REFUSED", status, message: `Answered ${status}.${redirect}` };
}
