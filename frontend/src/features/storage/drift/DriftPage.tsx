import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import type { Drifted } from "../../../api/types";
import { Badge } from "../../../ui/Badge";
import { MoreButton } from "../../../ui/MoreButton";
import { Empty, Mono, PageHead } from "../../../ui/Page";
import { type Column, Table } from "../../../ui/Table";
import { Differences, WaysOut } from "./Differences";
import { driftList } from "./queries";

const pageOf = ({ subject, id, name }: Drifted) =>
  subject === "pool" ? `/storage/pools/${encodeURIComponent(name)}` : `/storage/datasets/${id}`;

const COLUMNS: Column<Drifted>[] = [
  {
    key: "name",
    head: "What",
    cell: (row) => (
      <span className="flex flex-wrap items-center gap-2 py-1.5 whitespace-normal">
        {row.subject}
        <Link to={pageOf(row)} className="[overflow-wrap:anywhere]">
          <Mono>{row.name}</Mono>
        </Link>
        {row.missing && <Badge tone="bad">missing</Badge>}
      </span>
    ),
  },
  { key: "how", head: "How it differs", cell: (row) => <div className="py-1.5"><Differences drift={row.differences} /></div> },
  { key: "out", head: "Ways out", cell: (row) => <div className="py-1.5"><WaysOut address={row.address} missing={row.missing} /></div> },
];

export function DriftPage() {
  const query = useInfiniteQuery(driftList);
  return (
    <>
      <PageHead
        title="Drift"
        about="Pools and datasets that are not as they were configured here: somebody changed them outside Calypso, or they are gone."
      />
      <Table
        label="Drift"
        columns={COLUMNS}
        rows={query.data?.pages.flatMap((page) => page.items)}
        id={(row) => row.address}
        version={(row) => row.version}
        error={query.error}
        retry={() => void query.refetch()}
        empty={
          <Empty title="The box is as it was configured">
            <p>What somebody changes outside Calypso stands here until it is accepted or taken back.</p>
          </Empty>
        }
      />
      <MoreButton query={query} />
    </>
  );
}
