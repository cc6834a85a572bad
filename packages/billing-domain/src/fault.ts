/**
 * One thing wrong with a definition that a person wrote (a meter, a rate card, a plan): where it is, and how to put it
 * right. `path` is as in `rateCards[0].tiers[1].upTo`; empty for the whole.
 */
export type Fault = { path: string; message: string };
