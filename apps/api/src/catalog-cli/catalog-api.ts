import type { Fault } from "@meterline/billing-domain";
import type { Connection } from "./connection.ts";

/** One line of the difference, as the API answers it. */
export type ShownChange = { kind: string; path: string; summary: string };

/** The difference between a file and the running Meterline. */
export type ShownDifference = { changes: ShownChange[]; digest: string };

/** An answer, or why there is none: the file is at fault, or Meterline cannot or will not do it. */
export type CatalogAnswer =
  | { kind: "DIFFERENCE"; difference: ShownDifference }
  | { kind: "FAULTS"; faults: Fault[] }
  | { kind: "REFUSED"; message: string };

const TIMEOUT_MS = 30_000;

const fields = "changes { kind path summary } digest";
const differenceQuery = `query ($catalog: JSONObject!) { answer: catalogDifference(catalog: $catalog) { ${fields} } }`;
const applyMutation = `mutation ($catalog: JSONObject!, $digest: String!) {
  answer: applyCatalog(catalog: $catalog, digest: $digest) { ${fields} } }`;

/** Talks to the public API about a catalog. */
export class CatalogApi {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  difference(catalog: unknown): Promise<CatalogAnswer> {
    return this.#ask(differenceQuery, { catalog });
  }

  apply(catalog: unknown, digest: string): Promise<CatalogAnswer> {
    return this.#ask(applyMutation, { catalog, digest });
  }

  async #ask(query: string, variables: object): Promise<CatalogAnswer> {
    const { url, apiKey } = this.#connection;
    let status: number;
    let body: string;
    try {
      const response = await fetch(`${url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${apiKey}` },
        body: JSON.stringify({ query, variables }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      status = response.status;
      body = await response.text();
    } catch (error) {
      const message = `Cannot reach Meterline at ${url}: ${reasonOf(error)}. Is it running? npm start starts it.`;
      return { kind: "REFUSED", message };
    }
    return (
      readAnswer(body) ?? {
        kind: "REFUSED",
        message: `${url} answered with status ${status} and no GraphQL; is it Meterline?`,
      }
    );
  }
}

type Body = {
  data?: { answer?: ShownDifference } | null;
  errors?: { message: string; extensions?: { code?: string; field?: string; faults?: Fault[] } }[];
};

/** Reads an answer of the API; null when it is none. */
export function readAnswer(text: string): CatalogAnswer | null {
  let body: Body;
  try {
    body = JSON.parse(text) as Body;
  } catch {
    return null;
  }
  if (typeof body !== "object" || body === null) return null;
  const difference = body.data?.answer;
  if (difference) return { kind: "DIFFERENCE", difference };
  const [error] = body.errors ?? [];
  if (error === undefined) return null;
  const { code, faults } = error.extensions ?? {};
  if (code === "BAD_USER_INPUT") return { kind: "FAULTS", faults: faults ?? [{ path: "", message: error.message }] };
  return { kind: "REFUSED", message: error.message };
}

/** Node wraps why a request failed in "fetch failed". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause : error;
  const { code } = cause as { code?: unknown };
  return typeof code === "string" && cause.message === "" ? code : cause.message || error.message;
}
