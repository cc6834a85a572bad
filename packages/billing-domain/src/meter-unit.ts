/** A meter's unit and what it does with it. */
export type MeasuredMeter = { readonly unit: string; readonly aggregation: string };

/**
 * The unit of what a meter measures. A level held over time (WEIGHTED_SUM) counts its unit times hours: "GB" becomes
 * "GB-hours", "seats" becomes "seat-hours". What one event says stays in the meter's own unit.
 */
export function measuredUnit({ unit, aggregation }: MeasuredMeter): string {
  if (aggregation !== "WEIGHTED_SUM") return unit;
  // A plural in lower case loses its "s"; "GBs", "class" and "status" stay as they are.
  const single = /[a-rtv-z]s$/.test(unit) && !/(?:x|ch|sh)es$/.test(unit) ? unit.slice(0, -1) : unit;
  return `${single}-hours`;
}
