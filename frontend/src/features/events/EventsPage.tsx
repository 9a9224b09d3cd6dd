import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { MoreButton } from "../../ui/MoreButton";
import { PageHead } from "../../ui/Page";
import { EventFilters } from "./EventFilters";
import { EventTable } from "./EventTable";
import { eventAt, type EventFilter, useFeed } from "./queries";

const FILTERS = ["type", "actor", "stream", "operation"] as const;

function filterOf(search: URLSearchParams): EventFilter {
  const filter: EventFilter = {};
  for (const name of FILTERS) {
    const value = search.get(name);
    if (value) filter[name] = value;
  }
  return filter;
}

export function EventsPage() {
  const [search] = useSearchParams();
  const at = Number(search.get("at"));
  return (
    <>
      <PageHead
        title="Events"
        about="The ledger: everything that happened, in order, never changed afterwards. New events appear on top."
      />
      <EventFilters names={FILTERS} />
      {Number.isSafeInteger(at) && at > 0 ? <One position={at} /> : <Feed filter={filterOf(search)} />}
    </>
  );
}

function One({ position }: { position: number }) {
  const query = useQuery(eventAt(position));
  return (
    <>
      <Link to="/events">Show all events</Link>
      <EventTable query={query} rows={query.data} startOpen />
    </>
  );
}

function Feed({ filter }: { filter: EventFilter }) {
  const query = useFeed(filter);
  return (
    <>
      <EventTable query={query} rows={query.data?.pages.flatMap((page) => page.items)} />
      <MoreButton query={query} />
    </>
  );
}
