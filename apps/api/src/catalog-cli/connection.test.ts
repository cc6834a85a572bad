import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findConnection, findUpwards } from "./connection.ts";

let root: string;
let deep: string;
const instance = { url: "http://localhost:4400", apiKey: "ml_written" };

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "meterline-connection-")));
  deep = join(root, "some", "folder");
  mkdirSync(deep, { recursive: true });
  mkdirSync(join(root, ".meterline"));
  writeFileSync(join(root, ".meterline", "instance.json"), JSON.stringify(instance));
});
afterAll(() => rmSync(root, { recursive: true }));

const found = (rest: object = {}) =>
  findConnection({ url: null, apiKey: null, instanceFile: "/nowhere/instance.json", workingDirectory: deep, ...rest });

test("the environment comes first, when it says both", () => {
  expect(found({ url: "https://m.example", apiKey: "ml_x" })).toEqual({ url: "https://m.example", apiKey: "ml_x" });
});

test("else the instance file, from the working directory upwards", () => {
  expect(found()).toEqual(instance);
  expect(found({ apiKey: "ml_x" })).toEqual({ url: instance.url, apiKey: "ml_x" });
});

test("a written key goes to the address that it was written for, and to no other", () => {
  expect(found({ url: instance.url })).toEqual(instance);
  expect(found({ url: "https://elsewhere.example" })).toEqual({ fault: expect.stringContaining("METERLINE_API_KEY") });
});

test("without either, and with a file that is half written, it says what to do", () => {
  const broken = join(root, "broken.json");
  writeFileSync(broken, '{ "url": "http://');
  for (const instanceFile of ["/nowhere/instance.json", broken])
    expect(found({ instanceFile, workingDirectory: tmpdir() })).toEqual({
      fault: expect.stringContaining("npm start"),
    });
});

test("looking upwards finds the nearest, and ends at the root", () => {
  writeFileSync(join(root, "catalog.yaml"), "");
  expect(findUpwards("catalog.yaml", deep)).toBe(join(root, "catalog.yaml"));
  expect(findUpwards("no-such-file-anywhere.yaml", deep)).toBeNull();
});
