/** Why a subscription cannot be begun at Stripe now; a person has to do something about it. */
export class NotReady extends Error {}
