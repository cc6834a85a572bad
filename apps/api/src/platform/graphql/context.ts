import type { Viewer } from "../auth/viewer.ts";

/** What every resolver receives. */
export type RequestContext = {
  /** Null when nobody is signed in; `authorize` refuses that. */
  viewer: Viewer | null;
  /** Names this request in answers and logs. */
  requestId: string;
};
