export { linkedCustomersAfter } from "./linked-customers.read-model.ts";
export {
  customerOfStripe,
  itemOfMeter,
  type RatedBy,
  ratedBy,
  type StripeCustomerLink,
  type StripeItemLink,
  type StripeLinks,
  type StripeMeterLink,
  type StripeSubscriptionLink,
  stripeLinks,
  stripeMeters,
  subscriptionsOfStripe,
} from "./stripe-links.read-model.ts";
