// One event; it opens to everything that is in the ledger about it.
import { useQuery } from "@tanstack/react-query";
import { ChevronDown, ChevronRight } from "lucide-react";
import { Fragment, useState } from "react";
import { Link } from "react-router";
import type { LedgerEvent } from "../../api/types";
import { Facts } from "../../ui/Facts";
import { Mono } from "../../ui/Page";
import { exact } from "../../ui/time";
import { Time } from "../../ui/Time";
import { changes, isChange } from "./changes";
import { earlierInStream } from "./queries";
import { deed, gist, operationOf, person, subject } from "./words";

interface Props {
  event: LedgerEvent;
  /** What is loaded of its stream, the latest first. */
  earlier: LedgerEvent[];
  fresh: boolean;
  startOpen: boolean;
}

export function EventRow({ event, earlier, fresh, startOpen }: Props) {
  const [open, setOpen] = useState(startOpen);
  const details = [subject(event), gist(event, earlier)].filter(Boolean).join(" · ");
  const Icon = open ? ChevronDown : ChevronRight;
  return (
    <>
      <tr
        onClick={() => setOpen(!open)}
        className={`cursor-pointer hover:bg-hover [&>td]:h-9 [&>td]:border-b [&>td]:border-line [&>td]:px-3 [&>td]:whitespace-nowrap ${fresh ? "fresh" : ""}`}
      >
        <td>
          <button
            type="button"
            aria-expanded={open}
            aria-label={`Event #${event.position}`}
            className="inline-flex items-center gap-1 font-mono text-sm"
            onClick={(click) => {
              click.stopPropagation();
              setOpen(!open);
            }}
          >
            <Icon aria-hidden size={14} className="text-muted" />#{event.position}
          </button>
        </td>
        <td className="text-muted">
          <Time value={event.recorded_at} />
        </td>
        <td className="font-medium" title={event.type}>
          {deed(event.type)}
        </td>
        <td className="w-full max-w-0 min-w-48 truncate text-muted" title={details}>
          {details}
        </td>
        <td>{person(event.actor)}</td>
        <td className="max-w-60 truncate" title={event.reason}>
          {event.reason || <span className="text-muted">–</span>}
        </td>
      </tr>
      {open && (
        <tr>
          <td colSpan={6} className="border-b border-line bg-bg p-0">
            <Whole event={event} />
          </td>
        </tr>
      )}
    </>
  );
}

function Whole({ event }: { event: LedgerEvent }) {
  const operation = operationOf(event);
  const from = event.source ? ` from ${event.source}` : "";
  return (
    <div className="grid max-w-[calc(100vw-2rem)] gap-2 lg:grid-cols-2">
      {isChange(event) && <Changes event={event} />}
      <Facts
        facts={[
          ["Type", <Mono>{event.type}</Mono>],
          ["Kind", event.kind],
          ["When", <span className="whitespace-pre-line">{exact(new Date(event.recorded_at))}</span>],
          ["Who", `${event.actor} (${event.auth || "no login"}${from})`],
          ["Why", event.reason || "no reason given"],
          [
            "About",
            event.keys.map((key) => (
              <Link key={key} to={`/events?stream=${encodeURIComponent(key)}`} className="mr-2 font-mono text-sm">
                {key}
              </Link>
            )),
          ],
          ["Operation", operation ? <Link to={`/operations/${operation}`}>{operation}</Link> : "none"],
          ["Event id", <Mono>{event.event_id}</Mono>],
          ["Leaf", <Mono>{event.leaf}</Mono>],
        ]}
      />
      <pre
        tabIndex={0}
        aria-label="Payload"
        className="max-h-96 overflow-auto p-3 font-mono text-xs whitespace-pre-wrap [overflow-wrap:anywhere]"
      >
        {JSON.stringify(event.data, null, 2)}
      </pre>
    </div>
  );
}

/** Old and new of each value; the old ones stand in earlier events, which need not be on this page. */
function Changes({ event }: { event: LedgerEvent }) {
  const { data } = useQuery(earlierInStream(event));
  const all = changes(event, data);
  if (!data || all.length === 0) return null;
  return (
    <dl
      aria-label="Changes"
      className="col-span-full grid gap-x-4 border-b border-line p-3 sm:grid-cols-[auto_auto_1fr] sm:gap-y-1.5"
    >
      {all.map(({ what, before, after }) => (
        <Fragment key={what}>
          <dt className="font-medium [overflow-wrap:anywhere]">{what}</dt>
          <dd className="text-muted [overflow-wrap:anywhere]">{before ?? "not known"}</dd>
          <dd className="[overflow-wrap:anywhere] max-sm:pb-2">→ {after}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
