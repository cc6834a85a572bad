import { useMutation } from "@apollo/client/react";
import { ConfirmButton, EmptyState } from "@meterline/web-kit";
import { type FragmentType, readFragment } from "../../gql/fragment-masking.ts";
import { graphql } from "../../gql/gql.ts";

const STRIPE_CATALOG_DIFFERENCE = graphql(`
  fragment StripeCatalog_Difference on StripeCatalogDifference {
    digest
    changes {
      kind
      path
      summary
    }
  }
`);

const APPLY = graphql(`
  mutation ApplyStripeCatalogMutation($digest: String!) {
    applyStripeCatalog(digest: $digest) {
      left
    }
  }
`);

const KINDS: Readonly<Record<string, { word: string; tone?: string }>> = {
  ADD: { word: "Add", tone: "accent" },
  ADOPT: { word: "Adopt", tone: "accent" },
  REPLACE: { word: "Replace", tone: "warn" },
  MEND: { word: "Put back", tone: "warn" },
  RATED_HERE: { word: "Priced here" },
  REFUSE: { word: "Needs you", tone: "bad" },
};
const INFORMATION = new Set(["RATED_HERE", "REFUSE"]);

/** What bringing meters, products and prices to Stripe would do, read before it is done. */
export function StripeCatalog(props: {
  difference: FragmentType<typeof STRIPE_CATALOG_DIFFERENCE>;
  onApplied: () => void;
}) {
  const { digest, changes } = readFragment(STRIPE_CATALOG_DIFFERENCE, props.difference);
  const [apply, { loading, error }] = useMutation(APPLY, { variables: { digest } });
  const doable = changes.filter((change) => !INFORMATION.has(change.kind)).length;
  return (
    <section className="ml-panel" aria-labelledby="catalog-title">
      <div className="ml-panel-head">
        <h2 id="catalog-title" className="ml-panel-title">
          Catalog at Stripe
        </h2>
        {doable === 0 ? (
          <p className="ml-panel-note">Nothing to change</p>
        ) : (
          <ConfirmButton
            label={`Apply ${doable} ${doable === 1 ? "change" : "changes"}`}
            confirmLabel="Change it at Stripe"
            loading={loading}
            error={error}
            onConfirm={() => apply().then(props.onApplied)}
          />
        )}
      </div>
      {changes.length === 0 ? (
        <EmptyState title="Stripe has what the catalog says">Meters, products and prices agree.</EmptyState>
      ) : (
        <ul className="ad-rows">
          {changes.map((change) => (
            <li key={`${change.kind} ${change.path}`} className="ad-row">
              <div className="ad-row-head">
                <span className="ml-tag" data-tone={KINDS[change.kind]?.tone}>
                  {KINDS[change.kind]?.word ?? change.kind}
                </span>
                <h3 className="ml-mono">{change.path}</h3>
              </div>
              <p className="ad-row-words">{change.summary}</p>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
