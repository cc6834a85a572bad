/** For tests of the apps only: the real schema answering from fixtures, and a page's surroundings. */
export { ALERT } from "./alerts-fixture.ts";
export { CONSUMPTION, CUSTOMER, METERS, SERIES } from "./consumption-fixture.ts";
export { LIMITS } from "./limits-fixture.ts";
export { apiError, type MockApi, mockApi, type MockRoot } from "./mock-api.ts";
export { PROJECTION } from "./projection-fixture.ts";
export { LOOKING_MEMBER, MEMBER, provideBrowserParts, renderApp } from "./render-app.tsx";
export { RULE } from "./rules-fixture.ts";
