/** A rule that a run broke. `rule` names it; the message says by how much. */
export class SimulationFailure extends Error {
  constructor(
    readonly rule: string,
    message: string,
  ) {
    super(`${rule}: ${message}`);
  }
}

/** Ends the run. */
export function fail(rule: string, message: string): never {
  throw new SimulationFailure(rule, message);
}
