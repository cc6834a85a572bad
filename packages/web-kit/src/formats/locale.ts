/**
 * The words on screen are English, so numbers and dates follow an English convention too: the first English entry of the
 * browser's languages, else British English. A German "1.234,56" beside English words could be read as one and a bit.
 */
export const LOCALE: string = pickLocale(typeof navigator === "undefined" ? [] : navigator.languages);

/** The first English language tag of a list, or "en-GB". */
export function pickLocale(languages: readonly string[]): string {
  return languages.find((tag) => /^en(-|$)/i.test(tag)) ?? "en-GB";
}

/** Intl formatters are slow to build and are asked for in every table cell, so each distinct one is built once. */
export function remembered<Formatter>(build: (key: string) => Formatter): (key: string) => Formatter {
  const built = new Map<string, Formatter>();
  return (key) => {
    const known = built.get(key);
    if (known !== undefined) return known;
    const formatter = build(key);
    built.set(key, formatter);
    return formatter;
  };
}
