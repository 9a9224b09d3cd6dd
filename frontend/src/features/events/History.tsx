// The latest events of one thing: when, what, who, why, position.
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import type { LedgerEvent } from "../../api/types";
import { Loading } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { Time } from "../../ui/Time";
import { useFresh } from "../../ui/useFresh";
import { type EventFilter, history } from "./queries";
import { before, deed, gist, person, subject } from "./words";

interface Props {
  filter: EventFilter;
  limit: number;
  /** Says what each event is about, where they are not all about one thing. */
  mixed?: boolean;
}

export function History({ filter, limit, mixed = false }: Props) {
  const { data, error, refetch } = useQuery(history(filter, limit));
  const fresh = useFresh(data, (event) => String(event.position));
  if (!data) return error ? <ProblemNote error={error} retry={() => void refetch()} /> : <Loading />;
  if (data.length === 0) return <p className="p-3 text-muted">Nothing was recorded yet.</p>;
  return (
    <div role="region" aria-label="Events" tabIndex={0} className="overflow-x-auto">
      <table className="w-full">
        <tbody>
          {data.map((event, at) => (
            <Row
              key={event.position}
              event={event}
              details={[mixed ? subject(event) : "", gist(event, before(data, at))].filter(Boolean).join(" · ")}
              fresh={fresh.has(String(event.position))}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ event, details, fresh }: { event: LedgerEvent; details: string; fresh: boolean }) {
  return (
    <tr className={`[&>td]:h-9 [&>td]:border-b [&>td]:border-line [&>td]:px-3 [&>td]:whitespace-nowrap ${fresh ? "fresh" : ""}`}>
      <td className="w-20 text-muted">
        <Time value={event.recorded_at} />
      </td>
      <td className="font-medium">{deed(event.type)}</td>
      <td className="w-full max-w-0 min-w-40 truncate text-muted" title={details}>
        {details}
      </td>
      <td className="max-w-60 truncate" title={event.reason}>
        {person(event.actor)}
        {event.reason && <span className="text-muted">: “{event.reason}”</span>}
      </td>
      <td className="text-right font-mono text-sm">
        <Link to={`/events?at=${event.position}`}>#{event.position}</Link>
      </td>
    </tr>
  );
}
