import { expect, it } from "vitest";
import { isPublicAddress } from "./public-address.ts";

it.each([
  "127.0.0.1",
  "127.8.8.8",
  "10.0.0.1",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.1.1",
  "169.254.169.254",
  "100.64.0.1",
  "0.0.0.0",
  "224.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "fe80::1",
  "fc00::1",
  "fd12:3456::1",
  "::ffff:127.0.0.1",
  "::ffff:10.1.2.3",
  "::ffff:7f00:1",
  "::127.0.0.1",
  "::7f00:1",
  "::ffff:0:127.0.0.1",
  "64:ff9b::7f00:1",
  "2002:7f00:1::",
  "ff02::1",
  "localhost",
  "",
])("%s is not a public address", (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

it.each(["8.8.8.8", "172.15.255.255", "172.32.0.1", "100.63.255.255", "2606:4700::1111", "::ffff:8.8.8.8"])(
  "%s is one",
  (address) => {
    expect(isPublicAddress(address)).toBe(true);
  },
);

it("in development this machine itself may be reached, and still no other private one", () => {
  const allowLoopback = true;
  expect(["127.0.0.1", "::1", "::ffff:127.0.0.1"].map((one) => isPublicAddress(one, { allowLoopback }))).toEqual([
    true,
    true,
    true,
  ]);
  expect(["10.0.0.1", "169.254.169.254", "fe80::1"].map((one) => isPublicAddress(one, { allowLoopback }))).toEqual([
    false,
    false,
    false,
  ]);
});
