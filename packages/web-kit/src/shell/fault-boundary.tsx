import { Component, type ReactNode } from "react";
import { ErrorState } from "../states/error-state.tsx";

/** The last net: a fault while drawing shows words and a way on instead of a blank page. */
export class FaultBoundary extends Component<{ children: ReactNode }, { fault: unknown }> {
  override state: { fault: unknown } = { fault: null };

  static getDerivedStateFromError(fault: unknown) {
    return { fault };
  }

  override render() {
    if (this.state.fault === null) return this.props.children;
    return (
      <main className="ml-page">
        <ErrorState error={this.state.fault} onRetry={() => window.location.reload()} />
      </main>
    );
  }
}
