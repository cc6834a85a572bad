import { unauthenticated } from "../graphql/errors.ts";
import type { Database } from "../database/index.ts";
import type { ApiKeyService } from "./api-key.service.ts";
import type { Identity } from "./identity.ts";
import type { SignIn } from "./sign-in.ts";
import type { Viewer } from "./viewer.ts";

/** What of a request tells who asks. */
export type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>;

const single = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

/** Turns a request into a viewer: by API key, or by the session of the web app that the request says it comes from. */
export class Authenticator {
  readonly #apiKeys: ApiKeyService;
  readonly #portal: SignIn;
  readonly #admin: SignIn;
  readonly #database: Database;

  constructor(parts: { apiKeys: ApiKeyService; portal: SignIn; admin: SignIn; database: Database }) {
    this.#apiKeys = parts.apiKeys;
    this.#portal = parts.portal;
    this.#admin = parts.admin;
    this.#database = parts.database;
  }

  /**
   * Null when the request brings nothing; a key that is sent and not good is an error at once, so that a backend with a
   * wrong key hears of it by name. A cookie counts only for the app in `x-meterline-app`: a member's cookie never
   * opens the staff's view, nor the other way round.
   */
  async viewerOf(headers: RequestHeaders): Promise<Viewer | null> {
    return (await this.identityOf(headers))?.viewer ?? null;
  }

  /** The same, with what the viewer is known by, for who has to ask again later whether that still holds. */
  async identityOf(headers: RequestHeaders): Promise<Identity | null> {
    const authorization = single(headers["authorization"]);
    if (authorization !== undefined) return this.#byKey(authorization);
    const app = single(headers["x-meterline-app"]);
    const cookie = single(headers["cookie"]);
    if (cookie === undefined) return null;
    if (app === "portal") return this.#member(cookie);
    if (app === "admin") return this.#staff(cookie);
    return null;
  }

  async #byKey(authorization: string): Promise<Identity> {
    const secret = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    const viewer = secret === undefined ? null : await this.#apiKeys.authenticate(secret);
    if (viewer === null)
      throw unauthenticated("The API key is unknown or revoked. Send it as `Authorization: Bearer ml_…`.");
    return { viewer, credential: { kind: "API_KEY", id: viewer.keyId } };
  }

  async #member(cookie: string): Promise<Identity | null> {
    const found = await this.#portal.api.getSession({ headers: new Headers({ cookie }) });
    if (found === null) return null;
    const [row] = await this.#database.query<{ customer_id: string }>(
      "SELECT customer_id FROM member WHERE user_id = $1",
      [found.user.id],
    );
    if (row === undefined) return null;
    const { id, name, email } = found.user;
    return {
      viewer: { kind: "MEMBER", userId: id, name, email, customerId: row.customer_id },
      credential: { kind: "PORTAL_SESSION", id: found.session.id },
    };
  }

  async #staff(cookie: string): Promise<Identity | null> {
    const found = await this.#admin.api.getSession({ headers: new Headers({ cookie }) });
    if (found === null) return null;
    const { id, name, email } = found.user;
    return {
      viewer: { kind: "STAFF", userId: id, name, email },
      credential: { kind: "ADMIN_SESSION", id: found.session.id },
    };
  }
}
