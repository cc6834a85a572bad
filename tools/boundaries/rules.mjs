/** The modules of the API in import order: each may use those before it. */
const MODULES = [
  "customers",
  "catalog",
  "usage",
  "limits",
  "alerts",
  "deliveries",
  "live",
  "ingestion",
  "holds",
  "rating",
  "projection",
  "stripe-catalog",
  "stripe-customers",
  "stripe-reporting",
  "reconciliation",
  "statements",
  "disputes",
];
const TESTS = "\\.(test|testing)\\.(ts|tsx|mjs)$|/testing/";
const MODULE = "^apps/api/src/modules/";

/** @param {string} name @param {string} comment @param {object} from @param {object} to */
function rule(name, comment, from, to) {
  return { name, comment, severity: "error", from, to };
}

/** @param {string} module @param {number} place */
function onlyModulesAbove(module, place) {
  const later = MODULES.slice(place + 1);
  return rule(
    `modules-in-order-${module}`,
    "An API module imports only modules above it in docs/architecture.md.",
    { path: `${MODULE}${module}/`, pathNot: TESTS },
    { path: `${MODULE}(${later.join("|")})/` },
  );
}

/** Which part may know which. The reasons are in docs/architecture.md. */
export const forbidden = [
  rule("no-cycles", "A cycle has no order to read it in.", {}, { circular: true }),
  rule(
    "resolvable",
    "An import that resolves to nothing is a mistake.",
    { pathNot: TESTS },
    { couldNotResolve: true, pathNot: "gql/" },
  ),
  rule(
    "billing-domain-is-pure",
    "billing-domain imports its decimal and Temporal libraries and nothing else.",
    { path: "^packages/billing-domain/src/", pathNot: TESTS },
    { pathNot: "^packages/billing-domain/src/|node_modules/(@types/)?(big\\.js|temporal-polyfill|temporal-spec)/" },
  ),
  rule(
    "web-never-imports-the-api",
    "The browser talks to the API by GraphQL alone.",
    { path: "^(apps/(portal|admin)|packages/web-kit)/" },
    { path: "^apps/api/" },
  ),
  rule(
    "apps-are-apart",
    "Portal and admin share through web-kit.",
    { path: "^apps/(portal|admin)/" },
    { path: "^apps/", pathNot: "^apps/$1/" },
  ),
  rule(
    "packages-import-no-app",
    "Dependencies point from apps to packages.",
    { path: "^packages/" },
    { path: "^apps/" },
  ),
  rule(
    "production-without-test-parts",
    "The Stripe sandbox and the test kit never run in production.",
    { path: "^(apps|packages/(billing-domain|usage-client|web-kit))/", pathNot: TESTS },
    { path: "^packages/(stripe-sandbox|testkit)/" },
  ),
  rule(
    "start-without-test-parts",
    "Starting Meterline needs nothing that is made for tests.",
    { path: "^tools/", pathNot: `${TESTS}|^tools/test/` },
    { path: "^packages/testkit/" },
  ),
  rule(
    "platform-below-modules",
    "The platform is what any product has.",
    { path: "^apps/api/src/platform/", pathNot: TESTS },
    { path: MODULE },
  ),
  rule(
    "modules-through-index",
    "Another module is used through its index.ts.",
    { path: `${MODULE}([^/]+)/`, pathNot: TESTS },
    { path: `${MODULE}[^/]+/`, pathNot: [`${MODULE}$1/`, `${MODULE}[^/]+/index\\.ts$`] },
  ),
  rule(
    "modules-are-known",
    "A new module gets its place in the order: tools/boundaries/rules.mjs and docs/architecture.md.",
    {},
    { path: MODULE, pathNot: `${MODULE}(${MODULES.join("|")})/` },
  ),
  ...MODULES.slice(0, -1).map(onlyModulesAbove),
  rule(
    "features-are-apart",
    "A feature of a web app imports no other feature; a page puts them together.",
    { path: "^(apps/[^/]+)/src/features/([^/]+)/" },
    { path: "^apps/[^/]+/src/features/", pathNot: "^$1/src/features/$2/" },
  ),
  rule(
    "features-below-pages",
    "A page imports features, never the other way round.",
    { path: "^(apps/(portal|admin))/src/features/" },
    { path: "^apps/(portal|admin)/src/(pages|app)/" },
  ),
  rule(
    "local-postgres-needs-nothing-of-ours",
    "The database is started before anything else exists.",
    { path: "^tools/postgres/", pathNot: TESTS },
    { path: "^(packages|apps|bench|e2e)/" },
  ),
];
