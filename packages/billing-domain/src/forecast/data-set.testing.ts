import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";

const repository = resolve(import.meta.dirname, "../../../..");
/** Where real usage data lies: beside the repository, or beside the folder that holds it. */
const places = ["../shared/data", "../../shared/data"].map((place) => resolve(repository, place));

/** The rows of a gzipped CSV file of the shared data, without the header; null where the data is not there. */
export function readDataSet(name: string): string[][] | null {
  const file = dataFile(name);
  if (file === null) return null;
  const [, ...lines] = gunzipSync(readFileSync(file)).toString("utf8").trimEnd().split("\n");
  return lines.map((line) => line.split(","));
}

/** The path of a file of the shared data, or null. */
export function dataFile(name: string): string | null {
  return places.map((place) => join(place, name)).find((file) => existsSync(file)) ?? null;
}

/** Says why a test on real data is skipped. */
export function missingData(name: string): string {
  return `skipped: ${name} is not there; put it in ../shared/data`;
}
