import Stripe from "stripe"; // fault
import type { Event } from "stripe/webhooks"; // fault

export { Stripe } from "stripe"; // fault
export type Received = Event;
export const client = new Stripe("key");
