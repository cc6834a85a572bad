/**
 * How a quantity becomes an amount. Every price is text of an exact decimal in MAJOR currency units ("0.0004" dollars),
 * with at most 12 decimals and never negative. docs/rating-rules.md states each rule with a worked example.
 */

/** A tier priced by the unit. `upTo` is inclusive, in billable units; null is open-ended and only the last tier has it. */
export type UnitTier = { upTo: string | null; unitPrice: string; flatAmount?: string };

/** A tier with one price for everything in it. `upTo` is inclusive; null is open-ended. */
export type FlatTier = { upTo: string | null; flatAmount: string };

/** A tier priced in per cent of the amount that falls into it. `upTo` is inclusive, in major units; null is open-ended. */
export type PercentageTier = { upTo: string | null; ratePercent: string; flatAmount?: string };

/** One price for every unit. */
export type PerUnitPrice = { model: "PER_UNIT"; unitPrice: string };

/** Each unit at the price of the tier it falls into, plus the flat amount of every tier reached. */
export type GraduatedPrice = {
  model: "GRADUATED";
  tiers: readonly UnitTier[];
  /** The first tier's flat amount is not charged when no unit is billable. Default false: it is charged. */
  waiveAtZero?: boolean;
};

/** All units at the price of the one tier that the total falls into, plus that tier's flat amount. */
export type VolumePrice = { model: "VOLUME"; tiers: readonly UnitTier[]; waiveAtZero?: boolean };

/** Whole packages of the period's billable total. A begun package counts in full unless `rounding` is "DOWN". */
export type PackagePrice = { model: "PACKAGE"; packageSize: string; packagePrice: string; rounding?: "UP" | "DOWN" };

/** One price for the tier that the total falls into, whatever the number of units in it. */
export type StairstepPrice = { model: "STAIRSTEP"; tiers: readonly FlatTier[]; waiveAtZero?: boolean };

/** A share of an amount of money, with a fee per event. The meter's quantity is the amount, in major units. */
export type PercentagePrice = {
  model: "PERCENTAGE";
  ratePercent: string;
  /** Charged for each event past the free ones. */
  fixedAmount?: string;
  /** The first so many events of the period, in time order, cost nothing. */
  freeEvents?: number;
  /** The first so much of the period's amount costs nothing: the allowance of this model. */
  freeAmount?: string;
  /** Least charge for one event that is not free. */
  minimumPerEvent?: string;
  /** Greatest charge for one event; more than zero. */
  maximumPerEvent?: string;
};

/** Each part of an amount at the rate of the tier it falls into, plus the flat amount of every tier reached. */
export type GraduatedPercentagePrice = {
  model: "GRADUATED_PERCENTAGE";
  tiers: readonly PercentageTier[];
  waiveAtZero?: boolean;
};

/** The price of one combination of property values; `values` stand in the order of the model's `properties`. */
export type MatrixCell = { values: readonly string[]; unitPrice: string };

/** A unit price by property values; a combination without a cell takes `defaultUnitPrice`. */
export type MatrixPrice = {
  model: "MATRIX";
  properties: readonly string[];
  cells: readonly MatrixCell[];
  defaultUnitPrice: string;
};

/** Every way to price a meter, told apart by `model`. */
export type PriceModel =
  | PerUnitPrice
  | GraduatedPrice
  | VolumePrice
  | PackagePrice
  | StairstepPrice
  | PercentagePrice
  | GraduatedPercentagePrice
  | MatrixPrice;

/** The name of a price model. */
export type PriceModelName = PriceModel["model"];

/**
 * Stands for every combination of property values beyond the number that is kept apart. It is priced as a combination
 * without a cell, so no cell may name it.
 */
export const OTHER_COMBINATION = "(other)";
