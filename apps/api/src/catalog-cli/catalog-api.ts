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

/** What the API answered, or why it would not; `faults` where what was sent is at fault. */
export type ApiAnswer<Content> =
  | { kind: "ANSWER"; answer: Content }
  | { kind: "REFUSED"; message: string; faults: Fault[] | null };

const TIMEOUT_MS = 60_000;

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

  async difference(catalog: unknown): Promise<CatalogAnswer> {
    return asDifference(await this.ask<ShownDifference>(differenceQuery, { catalog }));
  }

  async apply(catalog: unknown, digest: string): Promise<CatalogAnswer> {
    return asDifference(await this.ask<ShownDifference>(applyMutation, { catalog, digest }));
  }

  /** Asks for what a query calls `answer`. */
  async ask<Content>(query: string, variables: object): Promise<ApiAnswer<Content>> {
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
      return { kind: "REFUSED", message, faults: null };
    }
    return (
      readAnswer<Content>(body) ?? {
        kind: "REFUSED",
        faults: null,
        message: `${url} answered with status ${status} and no GraphQL; is it Meterline?`,
      }
    );
  }
}

function asDifference(answer: ApiAnswer<ShownDifference>): CatalogAnswer {
  if (answer.kind === "ANSWER") return { kind: "DIFFERENCE", difference: answer.answer };
  const { faults, message } = answer;
  return faults === null ? { kind: "REFUSED", message } : { kind: "FAULTS", faults };
}

type Body<Content> = {
  data?: { answer?: Content } | null;
  errors?: { message: string; extensions?: { code?: string; field?: string; faults?: Fault[] } }[];
};

/** Reads an answer of the API; null when it is none. */
export function readAnswer<Content>(text: string): ApiAnswer<Content> | null {
  let body: Body<Content>;
  try {
    body = JSON.parse(text) as Body<Content>;
  } catch {
    return null;
  }
  if (typeof body !== "object" || body === null) return null;
  const answer = body.data?.answer;
  if (answer) return { kind: "ANSWER", answer };
  const [error] = body.errors ?? [];
  if (error === undefined) return null;
  const { code, faults } = error.extensions ?? {};
  const { message } = error;
  const isFault = code === "BAD_USER_INPUT";
  return { kind: "REFUSED", message, faults: isFault ? (faults ?? [{ path: "", message }]) : null };
}

/** Node wraps why a request failed in "fetch failed". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause : error;
  const { code } = cause as { code?: unknown };
  return typeof code === "string" && cause.message === "" ? code : cause.message || error.message;
}
