export {
  type PostOutcome,
  type PostResult,
  type PostSettings,
  postWebhook,
  resolveHost,
  urlFault,
} from "./post-webhook.ts";
export { isPublicAddress } from "./public-address.ts";
export { SecretSeal } from "./secret-seal.ts";
export { newSigningSecret, signWebhook } from "./sign-webhook.ts";
