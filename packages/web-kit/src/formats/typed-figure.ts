/** Digits in groups as English is written, in India too: "1,500.25", "1,00,000". */
const GROUPED = /^\d{1,3}(,\d{2,3})*,\d{3}(\.\d+)?$/;
const PLAIN = /^\d+(\.\d+)?$/;

const HELP = "Write it in digits, with a point before decimals: 1500 or 1,500.25";

/** A figure as typed, without its spaces and groups; null when it is none. "1,5" is none: it may be meant as one and a half. */
export function typedFigure(text: string): string | null {
  const figure = text.replaceAll(/\s/g, "");
  if (PLAIN.test(figure)) return figure;
  return GROUPED.test(figure) ? figure.replaceAll(",", "") : null;
}

/** What a field says of a figure that it cannot read; nothing of one that it can, or while it is empty. */
export function typedFigureProblem(text: string): string | undefined {
  return text.trim() === "" || typedFigure(text) !== null ? undefined : HELP;
}
