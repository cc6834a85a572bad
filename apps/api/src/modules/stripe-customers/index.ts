export type { RecordBilling } from "./making.types.ts";
export { requestSync } from "./stripe-customer.repository.ts";
export { StripeCustomerResolver } from "./stripe-customer.resolver.ts";
export { StripeCustomerService, type StripeStanding } from "./stripe-customer.service.ts";
export { onStripeCustomerEdits } from "./stripe-customer-edits.ts";
export { stripeEndGuard } from "./stripe-end-guard.ts";
export { StripeSync } from "./stripe-sync.ts";
