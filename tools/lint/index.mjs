import { clockInOnePlace } from "./rules/clock-in-one-place.mjs";
import { environmentInOnePlace } from "./rules/environment-in-one-place.mjs";
import { explicitDecoratorTypes } from "./rules/explicit-decorator-types.mjs";
import { noDefaultExport } from "./rules/no-default-export.mjs";
import { noFloatMoney } from "./rules/no-float-money.mjs";
import { stripeInOnePlace } from "./rules/stripe-in-one-place.mjs";

// The only default export here: oxlint loads a plugin by it. Where each rule holds is said in .oxlintrc.json.
export default {
  meta: { name: "meterline" },
  rules: {
    "clock-in-one-place": clockInOnePlace,
    "environment-in-one-place": environmentInOnePlace,
    "explicit-decorator-types": explicitDecoratorTypes,
    "no-default-export": noDefaultExport,
    "no-float-money": noFloatMoney,
    "stripe-in-one-place": stripeInOnePlace,
  },
};
