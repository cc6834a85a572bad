/** One line of the report: what was compared, and the ratio with what it should be. */
export type Result = {
  name: string;
  figures: Record<string, string | number>;
  ratio: number;
  /** As it is wanted: "≥ 0.8" or "≤ 1.5". */
  target: string;
  met: boolean;
};

/** A result whose ratio should be at least `least`. */
export function atLeast(name: string, ratio: number, least: number, figures: Result["figures"]): Result {
  return { name, figures, ratio, target: `≥ ${least}`, met: ratio >= least };
}

/** A result whose ratio should be at most `most`. */
export function atMost(name: string, ratio: number, most: number, figures: Result["figures"]): Result {
  return { name, figures, ratio, target: `≤ ${most}`, met: ratio <= most };
}

/** A figure that must be just so: no more, and no less. */
export function exactly(name: string, figure: number, wanted: number, figures: Result["figures"]): Result {
  return { name, figures, ratio: figure, target: `= ${wanted}`, met: figure === wanted };
}

/** The report for people. */
export function printReport(results: readonly Result[]): void {
  for (const { name, figures, ratio, target, met } of results) {
    console.log(`\n${name}`);
    for (const [label, figure] of Object.entries(figures)) console.log(`  ${label.padEnd(54)} ${format(figure)}`);
    console.log(`  ${"ratio".padEnd(54)} ${ratio.toFixed(2)}  (wanted ${target}: ${met ? "met" : "NOT met"})`);
  }
}

function format(figure: string | number): string {
  if (typeof figure === "string") return figure;
  return figure >= 100 ? Math.round(figure).toLocaleString("en") : figure.toFixed(2);
}
