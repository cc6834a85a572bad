import type { IncomingMessage } from "node:http";
import { ApiError, invalidRequest } from "../wire/errors.ts";
import { decodeForm, type RawObject } from "../wire/form.ts";

const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** The whole body as text. @throws ApiError 413 past four mebibytes */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > MAX_BODY_BYTES) throw new ApiError(413, { type: "invalid_request_error", message: "Body too large." });
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The body as parameters: forms for v1, JSON for v2. */
export function decodeBody(body: string, isV2: boolean): RawObject {
  if (!isV2) return decodeForm(body);
  if (body === "") return {};
  let decoded: unknown;
  try {
    decoded = JSON.parse(body);
  } catch {
    throw invalidRequest("The request body is not valid JSON.");
  }
  if (typeof decoded !== "object" || decoded === null || Array.isArray(decoded)) {
    throw invalidRequest("The request body must be a JSON object.");
  }
  return decoded as RawObject;
}

/** The caller's key. @throws ApiError 401 when there is none, when it is a live one, or when it is no key at all */
export function authenticate(request: IncomingMessage, isStream: boolean): string {
  const header = request.headers.authorization ?? "";
  const key = header.startsWith("Bearer ") ? header.slice(7).trim() : "";
  if (key === "") {
    throw unauthorized(
      "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer " +
        "auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
    );
  }
  if (isStream || /^(sk|rk)_test_/.test(key)) return key;
  // A live key here means that somebody's settings are mixed up; it must not look as if it worked.
  throw unauthorized(`Invalid API Key provided: ${key.slice(0, 8)}${"*".repeat(Math.max(0, key.length - 8))}`);
}

function unauthorized(message: string): ApiError {
  return new ApiError(401, { type: "invalid_request_error", message });
}
