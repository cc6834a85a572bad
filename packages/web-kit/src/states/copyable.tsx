import { ActionIcon, CopyButton } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";

/** How long the tick stays after copying. */
const COPIED_MS = 1_500;

/** An id or key in monospace with a button that copies it. `label` names what is copied, for screen readers. */
export function Copyable({ value, label, short }: { value: string; label: string; short?: string | undefined }) {
  return (
    <span className="ml-copyable">
      <span className="ml-mono" title={value}>
        {short ?? value}
      </span>
      <CopyButton value={value} timeout={COPIED_MS}>
        {({ copied, copy }) => (
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            onClick={copy}
            aria-label={copied ? `${label} copied` : `Copy ${label}`}
          >
            {copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} stroke={1.6} aria-hidden />}
          </ActionIcon>
        )}
      </CopyButton>
    </span>
  );
}
