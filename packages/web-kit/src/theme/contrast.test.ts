import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const tokens = readFileSync(new URL("./tokens.css", import.meta.url), "utf8");

/** The tokens of one scheme, by name. */
function scheme(name: "light" | "dark"): (token: string) => string {
  const block = tokens.split(`data-mantine-color-scheme="${name}"`)[1]?.split("}")[0] ?? "";
  const colours = new Map([...block.matchAll(/--ml-([\w-]+): (#[0-9a-f]{6})/g)].map((match) => [match[1], match[2]]));
  return (token) => colours.get(token) ?? `no token ${token}`;
}

/** Relative luminance contrast of two colours, from https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(left: string, right: string): number {
  const luminance = (colour: string) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
      const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return channel <= 0.040_45 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [light = 0, dark = 0] = [luminance(left), luminance(right)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

test.each(["light", "dark"] as const)("%s: text has at least 4.5 to 1 on every surface it stands on", (name) => {
  const colour = scheme(name);
  for (const text of ["ink", "muted", "accent", "warn", "bad", "good"]) {
    for (const surface of ["canvas", "surface", "sunken"]) {
      expect({ text, surface, enough: contrast(colour(text), colour(surface)) >= 4.5 }).toEqual({
        text,
        surface,
        enough: true,
      });
    }
  }
  for (const tone of ["warn", "bad"]) {
    expect({ tone, enough: contrast(colour(tone), colour(`${tone}-soft`)) >= 4.5 }).toEqual({ tone, enough: true });
  }
  expect(contrast(colour("accent-ink"), colour("accent-soft"))).toBeGreaterThanOrEqual(4.5);
  expect(contrast(colour("staff-ink"), colour("staff"))).toBeGreaterThanOrEqual(4.5);
});

test.each(["light", "dark"] as const)("%s: every colour of the chart has at least 3 to 1 on its panel", (name) => {
  const colour = scheme(name);
  for (const series of ["1", "2", "3", "4", "5", "6", "7", "8", "rest"]) {
    const token = `chart-${series}`;
    expect({ token, enough: contrast(colour(token), colour("surface")) >= 3 }).toEqual({ token, enough: true });
  }
});
