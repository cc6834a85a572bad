/** How a demo customer uses a meter: about this many units on an ordinary weekday. */
export type DemoUse = { meterKey: string; unitsPerDay: number; models?: readonly string[] };

/** A made-up customer, marked as such wherever it is shown. */
export type DemoCustomer = {
  externalId: string;
  name: string;
  currency: string;
  timeZone: string;
  planKey: string;
  /** Day of month that its billing periods begin on; 31 shows how short months are clamped. */
  anchorDay: number;
  /** Where its member signs in. */
  memberEmail: string;
  uses: readonly DemoUse[];
  /** A hard limit of its own, which the demo's traffic runs into while one watches (see demo-traffic.ts). */
  hourlyLimit?: { meterKey: string; quantity: string };
};

const models = ["m-large", "m-mid", "m-small"];

/** One customer for each currency and zone that is worth looking at. All of it is invented. */
export const demoCustomers: readonly DemoCustomer[] = [
  {
    externalId: "demo-northwind",
    name: "Northwind Analytics (demo)",
    currency: "USD",
    timeZone: "America/New_York",
    planKey: "growth",
    anchorDay: 1,
    memberEmail: "member@northwind.demo.example",
    uses: [
      { meterKey: "api_requests", unitsPerDay: 42_000, models },
      { meterKey: "units_ordered", unitsPerDay: 420 },
      { meterKey: "active_users", unitsPerDay: 34 },
      { meterKey: "storage_gb", unitsPerDay: 180 },
      { meterKey: "payment_volume", unitsPerDay: 2_600 },
    ],
  },
  {
    externalId: "demo-havel",
    name: "Havel Medien (demo)",
    currency: "EUR",
    timeZone: "Europe/Berlin",
    planKey: "growth-eur",
    anchorDay: 31,
    memberEmail: "member@havel.demo.example",
    uses: [
      { meterKey: "api_requests", unitsPerDay: 52_000, models },
      { meterKey: "units_ordered", unitsPerDay: 90 },
      { meterKey: "payment_volume", unitsPerDay: 900 },
    ],
  },
  {
    externalId: "demo-sakura",
    name: "Sakura Systems (demo)",
    currency: "JPY",
    timeZone: "Asia/Tokyo",
    planKey: "growth-jpy",
    anchorDay: 15,
    memberEmail: "member@sakura.demo.example",
    uses: [
      { meterKey: "api_requests", unitsPerDay: 140_000, models },
      { meterKey: "units_ordered", unitsPerDay: 260 },
    ],
  },
  {
    externalId: "demo-dana",
    name: "Dana Logistics (demo)",
    currency: "KWD",
    timeZone: "Asia/Kuwait",
    planKey: "growth-kwd",
    anchorDay: 8,
    memberEmail: "member@dana.demo.example",
    uses: [
      { meterKey: "api_requests", unitsPerDay: 24_000, models: ["m-mid"] },
      { meterKey: "units_ordered", unitsPerDay: 1_450 },
    ],
  },
  {
    externalId: "demo-kaveri",
    name: "Kaveri Learning (demo)",
    currency: "INR",
    timeZone: "Asia/Kolkata",
    planKey: "growth-inr",
    anchorDay: 20,
    memberEmail: "member@kaveri.demo.example",
    uses: [
      { meterKey: "api_requests", unitsPerDay: 96_000, models },
      { meterKey: "units_ordered", unitsPerDay: 75 },
    ],
  },
  {
    externalId: "demo-larkspur",
    name: "Larkspur Games (demo)",
    currency: "USD",
    timeZone: "America/Chicago",
    planKey: "growth",
    anchorDay: 5,
    memberEmail: "member@larkspur.demo.example",
    uses: [{ meterKey: "api_requests", unitsPerDay: 3_000, models: ["m-small"] }],
    hourlyLimit: { meterKey: "api_requests", quantity: "6000" },
  },
];

/** Sign-ins that exist only where SEED_DEMO is on. */
export const demoPassword = "meterline-demo-only";
export const demoStaffEmail = "staff@meterline.demo.example";
