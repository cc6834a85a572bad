import { type StripeGateway } from "../platform/stripe/index.ts";
import { startSandbox } from "@meterline/stripe-sandbox";

export const gateway: StripeGateway = startSandbox();
