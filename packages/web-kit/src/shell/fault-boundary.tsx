import { Component, type ReactNode, useEffect, useState } from "react";
import { ErrorState } from "../states/error-state.tsx";

type Props = {
  /** Where the reader is, for a net inside a page: going elsewhere tries anew. */
  at?: string;
  children: ReactNode;
};

/** The last net: a fault while drawing shows words and a way on instead of a blank page. */
export class FaultBoundary extends Component<Props, { fault: unknown }> {
  override state: { fault: unknown } = { fault: null };

  static getDerivedStateFromError(fault: unknown) {
    return { fault };
  }

  override render() {
    const { fault } = this.state;
    const { at, children } = this.props;
    if (fault === null) return children;
    if (at !== undefined) return <PageFault fault={fault} at={at} onElsewhere={() => this.setState({ fault: null })} />;
    return (
      <main className="ml-page">
        <ErrorState error={fault} onRetry={() => window.location.reload()} />
      </main>
    );
  }
}

function PageFault({ fault, at, onElsewhere }: { fault: unknown; at: string; onElsewhere: () => void }) {
  const [failedAt] = useState(at);
  useEffect(() => {
    if (at !== failedAt) onElsewhere();
  }, [at, failedAt, onElsewhere]);
  return <ErrorState error={fault} onRetry={() => window.location.reload()} />;
}
