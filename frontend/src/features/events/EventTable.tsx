import type { LedgerEvent } from "../../api/types";
import { Empty, Loading } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { useFresh } from "../../ui/useFresh";
import { EventRow } from "./EventRow";
import { before } from "./words";

const HEADS = ["Position", "When", "What", "Details", "Who", "Why"];

interface Props {
  query: { error: unknown; refetch: () => unknown };
  rows: LedgerEvent[] | undefined;
  startOpen?: boolean;
}

export function EventTable({ query, rows, startOpen = false }: Props) {
  const fresh = useFresh(rows, (event) => String(event.position));
  return (
    <div
      role="region"
      aria-label="Events"
      tabIndex={0}
      className="overflow-x-auto rounded border border-line bg-surface"
    >
      <table className="w-full border-separate border-spacing-0">
        <thead>
          <tr>
            {HEADS.map((head) => (
              <th
                key={head}
                scope="col"
                className="h-9 border-b border-line px-3 text-left text-xs font-medium text-muted"
              >
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows?.map((event, at) => (
            <EventRow
              key={event.position}
              event={event}
              earlier={before(rows, at)}
              fresh={fresh.has(String(event.position))}
              startOpen={startOpen}
            />
          ))}
        </tbody>
      </table>
      {rows?.length === 0 && (
        <Empty title="No event matches">
          <p>Take a filter away to see more.</p>
        </Empty>
      )}
      {!rows && !query.error && <Loading />}
      {!rows && query.error != null && (
        <div className="p-3">
          <ProblemNote error={query.error} retry={() => void query.refetch()} />
        </div>
      )}
    </div>
  );
}
