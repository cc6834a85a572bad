import "./states.css";
import { Skeleton, VisuallyHidden } from "@mantine/core";

/** A block as tall as what will replace it, so that nothing moves when the figures arrive. Height in pixels. */
export function BlockSkeleton({ height }: { height: number }) {
  return <Skeleton height={height} radius="sm" aria-hidden />;
}

/** A page being loaded: blocks of the given heights in pixels, and one sentence for screen readers. */
export function PageSkeleton({ heights, label = "Loading" }: { heights: readonly number[]; label?: string }) {
  return (
    <div className="ml-skeleton-stack" aria-busy="true">
      <VisuallyHidden role="status">{label}</VisuallyHidden>
      {heights.map((height, index) => (
        // The list is fixed for the life of the element, so the position is its identity.
        <BlockSkeleton key={`${index}-${height}`} height={height} />
      ))}
    </div>
  );
}
