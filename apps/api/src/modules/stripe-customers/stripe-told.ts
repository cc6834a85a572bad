import { conflict, unavailable } from "../../platform/graphql/index.ts";
import { classifyStripeError } from "../../platform/stripe/index.ts";

/** Runs a call that somebody waits for: a failure of Stripe in the words of the API. */
export async function told<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const { kind, code, message } = classifyStripeError(error);
    if (kind === "PERMANENT") throw conflict(`Stripe refused: ${message} (${code})`);
    throw unavailable(`Stripe could not be asked: ${message} (${code}). Do it again.`);
  }
}
