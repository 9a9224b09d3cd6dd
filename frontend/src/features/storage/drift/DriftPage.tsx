import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import type { Drifted } from "../../../api/types";
import { Badge } from "../../../ui/Badge";
import { MoreButton } from "../../../ui/MoreButton";
import { Empty, Loading, Mono, PageHead } from "../../../ui/Page";
import { ProblemNote } from "../../../ui/ProblemNote";
import { useFresh } from "../../../ui/useFresh";
import { Differences, WaysOut } from "./Differences";
import { driftList } from "./queries";

const pageOf = ({ subject, id, name }: Drifted) =>
  subject === "pool" ? `/storage/pools/${encodeURIComponent(name)}` : `/storage/datasets/${id}`;

export function DriftPage() {
  const query = useInfiniteQuery(driftList);
  const rows = query.data?.pages.flatMap((page) => page.items);
  return (
    <>
      <PageHead
        title="Drift"
        about="Pools and datasets that are not as they were configured here: somebody changed them outside Calypso, or they are gone."
      />
      <section aria-label="Drift" className="rounded border border-line bg-surface">
        {rows && rows.length > 0 && <DriftList rows={rows} />}
        {rows?.length === 0 && (
          <Empty title="The box is as it was configured">
            <p>What somebody changes outside Calypso stands here until it is accepted or taken back.</p>
          </Empty>
        )}
        {!rows && (query.error ? <ProblemNote error={query.error} retry={() => void query.refetch()} /> : <Loading />)}
      </section>
      <MoreButton query={query} />
    </>
  );
}

/** One below the other: what, how, and the ways out; side by side where there is room. */
function DriftList({ rows }: { rows: Drifted[] }) {
  const fresh = useFresh(rows, (row) => row.address, (row) => row.version);
  return (
    <ul aria-label="What differs">
      {rows.map((row) => (
        <li
          key={row.address}
          className={`flex flex-wrap items-start gap-x-4 gap-y-2 border-b border-line p-3 last:border-0 ${fresh.has(row.address) ? "fresh" : ""}`}
        >
          <p className="flex w-64 max-w-full flex-wrap items-center gap-x-2">
            {row.subject}
            <Link to={pageOf(row)} className="[overflow-wrap:anywhere]">
              <Mono>{row.name}</Mono>
            </Link>
            {row.missing && <Badge tone="bad">missing</Badge>}
          </p>
          <div className="min-w-0 flex-1 basis-64">
            <Differences drift={row.differences} />
          </div>
          <WaysOut address={row.address} missing={row.missing} />
        </li>
      ))}
    </ul>
  );
}
