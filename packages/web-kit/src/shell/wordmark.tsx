import "./shell.css";

/** The product's name with its mark: four meter strokes, the last one filling. */
export function Wordmark({ staff = false }: { staff?: boolean }) {
  return (
    <span className="ml-wordmark">
      <svg width="22" height="22" viewBox="0 0 22 22" aria-hidden focusable="false">
        <rect x="1" y="12" width="3.4" height="9" rx="1" fill="currentColor" opacity="0.45" />
        <rect x="6.6" y="8" width="3.4" height="13" rx="1" fill="currentColor" opacity="0.65" />
        <rect x="12.2" y="4" width="3.4" height="17" rx="1" fill="currentColor" opacity="0.85" />
        <rect x="17.8" y="1" width="3.4" height="20" rx="1" fill="currentColor" />
      </svg>
      <span>Meterline</span>
      {staff ? <span className="ml-staff-tag">Staff</span> : null}
    </span>
  );
}
