import { Button } from "@mantine/core";

/**
 * The foot of a keyset-paged list: how many rows are shown and, while there are more, a button for the next page. At
 * `maximum` rows it asks for a narrower filter instead, so that a list never grows without end.
 */
export function LoadMore(props: {
  shown: number;
  /** What the rows are, for one and for many: ["event", "events"]. */
  nouns: readonly [string, string];
  /** How many there are in all, where the API counts them. */
  total?: number;
  maximum: number;
  /** The cursor of the next page; null when there is none. */
  after: string | null;
  loading: boolean;
  onLoadMore: (after: string) => void;
}) {
  const { shown, nouns, total, maximum, after, loading, onLoadMore } = props;
  const noun = (total ?? shown) === 1 ? nouns[0] : nouns[1];
  const full = shown >= maximum;
  return (
    <div className="ml-more">
      <span role="status">
        {after === null
          ? `${shown} ${noun}, all shown`
          : `${shown} ${total === undefined ? "" : `of ${total} `}${noun} shown`}
        {after !== null && full ? "; narrow the filters to see others" : ""}
      </span>
      {after === null || full ? null : (
        <Button variant="default" loading={loading} onClick={() => onLoadMore(after)}>
          Load more
        </Button>
      )}
    </div>
  );
}
