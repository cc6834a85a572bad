import type { StateWords } from "./stripe-words.ts";

/** A state as a tag; its meaning is read on hover and by screen readers. */
export function StateTag({ words }: { words: StateWords }) {
  return (
    <span className="ml-tag" data-tone={words.tone} title={words.meaning}>
      {words.word}
      <span className="ml-hidden">: {words.meaning}</span>
    </span>
  );
}
