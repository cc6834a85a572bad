import type { AllowanceStanding } from "./allowance-words.ts";

const FULL_PERCENT = 100;

/**
 * A picture of a share, drawn from whole per cent; the exact figures always stand beside it. Beyond the allowance the
 * bar is the whole usage, and the part after the mark is what is billed.
 */
export function AllowanceBar({
  percent,
  standing,
  label,
}: {
  percent: number;
  standing: AllowanceStanding;
  label: string;
}) {
  const included = percent > FULL_PERCENT ? (FULL_PERCENT * FULL_PERCENT) / percent : Math.max(0, percent);
  return (
    <div
      className="ml-allowance"
      data-standing={standing}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={FULL_PERCENT}
      aria-valuenow={Math.min(FULL_PERCENT, Math.max(0, percent))}
      aria-valuetext={label}
    >
      <span className="ml-allowance-used" style={{ width: `${included}%` }} />
      {percent > FULL_PERCENT ? (
        <span className="ml-allowance-beyond" style={{ width: `${FULL_PERCENT - included}%` }} />
      ) : null}
    </div>
  );
}
