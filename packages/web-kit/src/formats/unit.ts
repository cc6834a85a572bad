/** A meter's unit and what it does with it. */
export type MeasuredMeter = { readonly unit: string; readonly aggregation: string };

/** The unit of a measured quantity: a level held over time counts its unit times hours, so "GB" becomes "GB-hours". */
export function measuredUnit(meter: MeasuredMeter): string {
  return meter.aggregation === "WEIGHTED_SUM" ? `${meter.unit}-hours` : meter.unit;
}
