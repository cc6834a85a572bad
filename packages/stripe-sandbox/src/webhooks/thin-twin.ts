/** Where an object of v1 is read again, by the `object` that it says it is. */
const PATHS: Readonly<Record<string, string>> = {
  "billing.meter": "/v1/billing/meters",
  credit_note: "/v1/credit_notes",
  customer: "/v1/customers",
  invoice: "/v1/invoices",
  price: "/v1/prices",
  product: "/v1/products",
  subscription: "/v1/subscriptions",
  "test_helpers.test_clock": "/v1/test_helpers/test_clocks",
};

/** What a thin event says of the object that it is about; null when it is of no kind that can be read again. */
export function relatedObject(object: object): { id: string; type: string; url: string } | null {
  const { id, object: type } = object as { id?: unknown; object?: unknown };
  if (typeof id !== "string" || typeof type !== "string") return null;
  const path = PATHS[type];
  return path === undefined ? null : { id, type, url: `${path}/${id}` };
}
