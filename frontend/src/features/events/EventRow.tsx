// One event; it opens to everything that is in the ledger about it.
import { ChevronDown, ChevronRight } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import type { LedgerEvent } from "../../api/types";
import { Facts } from "../../ui/Facts";
import { Mono } from "../../ui/Page";
import { exact } from "../../ui/time";
import { Time } from "../../ui/Time";
import { deed, gist, operationOf, person, subject } from "./words";

export function EventRow({ event, fresh, startOpen }: { event: LedgerEvent; fresh: boolean; startOpen: boolean }) {
  const [open, setOpen] = useState(startOpen);
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
        <td className="w-full max-w-0 min-w-48 truncate text-muted" title={gist(event)}>
          {[subject(event), gist(event)].filter(Boolean).join(" · ")}
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
