import { expect, test } from "vitest";
import { mayBecome, REPORT_STATES, statesBefore } from "./report-state.ts";

test("the legal transitions, and no others", () => {
  const legal = REPORT_STATES.flatMap((from) =>
    REPORT_STATES.filter((to) => mayBecome(from, to)).map((to) => `${from} ${to}`),
  );
  expect(legal).toEqual([
    "PENDING SENDING",
    "PENDING UNCERTAIN",
    "PENDING REFUSED",
    "PENDING DEAD",
    "SENDING PENDING",
    "SENDING ACCEPTED",
    "SENDING UNCERTAIN",
    "SENDING NOT_COUNTED",
    "SENDING REFUSED",
    "SENDING DEAD",
    "ACCEPTED CONFIRMED",
    "ACCEPTED UNCERTAIN",
    "ACCEPTED REFUSED",
    "UNCERTAIN ACCEPTED",
    "UNCERTAIN NOT_COUNTED",
    "UNCERTAIN REFUSED",
    "UNCERTAIN DEAD",
  ]);
});

test("nothing is ever sent again out of a state that Stripe answered in", () => {
  expect(statesBefore("SENDING")).toEqual(["PENDING"]);
  expect(statesBefore("PENDING")).toEqual(["SENDING"]);
});
