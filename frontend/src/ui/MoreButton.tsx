// Loads the next page of a list, where there is one.
import { Button } from "./Button";

interface Props {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
}

export function MoreButton({ query }: Props) {
  if (!query.hasNextPage) return null;
  return (
    <div className="flex justify-center">
      <Button onClick={() => query.fetchNextPage()} disabled={query.isFetchingNextPage}>
        {query.isFetchingNextPage ? "Loading…" : "More"}
      </Button>
    </div>
  );
}
