export {
  type FrozenBill,
  freezeBill,
  type MeterUsageText,
  type RatedLineText,
  ratedLineOf,
  ratedLineText,
  type ThawedBill,
  thawBill,
} from "./frozen-bill.ts";
export * from "./invoice-comparison.ts";
export * from "./invoice-items.ts";
export * from "./late-after-end.ts";
export * from "./late-usage.ts";
export * from "./statement-lines.ts";
export * from "./uncharged.ts";
