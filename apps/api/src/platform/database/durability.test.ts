import { expect, test } from "vitest";
import { durabilityFaults } from "./durability.ts";

const durable = { fsync: "on", full_page_writes: "on", synchronous_commit: "on" };

test("a server with everything on is taken as it is", () => {
  expect(durabilityFaults(durable)).toEqual({ refusals: [], warnings: [] });
});

test.each(["local", "remote_write", "remote_apply"])(
  "synchronous_commit %s is on disk here when it is answered",
  (as) => {
    expect(durabilityFaults({ ...durable, synchronous_commit: as }).refusals).toEqual([]);
  },
);

test("fsync off and synchronous_commit off are refused, each by name", () => {
  expect(durabilityFaults({ ...durable, fsync: "off" }).refusals).toEqual([expect.stringContaining("fsync is off")]);
  expect(durabilityFaults({ ...durable, synchronous_commit: "off" }).refusals).toEqual([
    expect.stringContaining("synchronous_commit is off"),
  ]);
});

test("full_page_writes off is right on some file systems, so it is only told", () => {
  expect(durabilityFaults({ ...durable, full_page_writes: "off" })).toEqual({
    refusals: [],
    warnings: [expect.stringContaining("full_page_writes is off")],
  });
});
