// Snapshots as a table: of a dataset, of a pool, or of all of the box; many can be destroyed at once.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Lock, Trash2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Link } from "react-router";
import type { Snapshot, SnapshotFilter } from "../../../api/types";
import { ActionBar } from "../../../ui/action/ActionBar";
import { useAct } from "../../../ui/action/ActionHost";
import { Badge } from "../../../ui/Badge";
import { Button } from "../../../ui/Button";
import { Bytes } from "../../../ui/Bytes";
import { MoreButton } from "../../../ui/MoreButton";
import { Mono } from "../../../ui/Page";
import { type Column, Table } from "../../../ui/Table";
import { Time } from "../../../ui/Time";
import { useMay } from "../../auth/queries";
import { destroySnapshots, snapshotOffers } from "./actions";
import { snapshotCount, snapshotList } from "./queries";

const OF = "dataset";
const COLUMNS: Column<Snapshot>[] = [
  { key: "name", head: "Snapshot", cell: (row) => <Mono>@{row.name}</Mono> },
  {
    key: OF,
    head: "Of",
    cell: (row) => (
      <Link to={`/storage/datasets/${row.dataset_id}`} title={row.dataset}>
        {row.dataset}
      </Link>
    ),
  },
  { key: "created", head: "Taken", cell: (row) => <Time value={row.created_at} /> },
  { key: "used", head: "Used", cell: (row) => (row.used === null ? "–" : <Bytes value={row.used} />), right: true },
  {
    key: "referenced",
    head: "Referenced",
    cell: (row) => (row.referenced === null ? "–" : <Bytes value={row.referenced} />),
    right: true,
  },
  { key: "kept", head: "Kept by", cell: (row) => <Kept row={row} /> },
  { key: "schedule", head: "Schedule", cell: (row) => row.schedule || <span className="text-muted">none</span> },
  { key: "act", head: "", cell: (row) => <Actions row={row} />, right: true, pinned: true },
];

function Kept({ row }: { row: Snapshot }) {
  return (
    <span className="flex items-center gap-1">
      {row.holds.map((tag) => (
        <Badge key={tag} tone="busy" icon={Lock} title="A hold: it can’t be destroyed before it is released.">
          {tag}
        </Badge>
      ))}
      {row.clones.length > 0 && (
        <Badge tone="busy" title={row.clones.join("\n")}>
          {row.clones.length === 1 ? "1 clone" : `${row.clones.length} clones`}
        </Badge>
      )}
      {row.defer_destroy && <Badge tone="warn">goes when free</Badge>}
    </span>
  );
}

function Actions({ row }: { row: Snapshot }) {
  const may = { operate: useMay("operate"), administer: useMay("administer") };
  return <ActionBar quiet label={`Actions for ${row.full_name}`} offers={snapshotOffers(row, may)} />;
}

export function SnapshotTable({ filter, empty }: { filter: SnapshotFilter; empty: ReactNode }) {
  const query = useInfiniteQuery(snapshotList(filter));
  const count = useQuery(snapshotCount(filter)).data;
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const rows = query.data?.pages.flatMap((page) => page.items);
  const names = (rows ?? []).filter((row) => chosen.has(row.id)).map((row) => row.full_name);
  const act = useAct();
  const may = useMay("administer");
  return (
    <>
      <div className="flex min-h-8 flex-wrap items-center gap-3">
        {count && (
          <p className="text-muted">
            {count.count.toLocaleString("en")} {count.count === 1 ? "snapshot" : "snapshots"}; <Bytes value={count.bytes} /> are kept by
            them alone
          </p>
        )}
        {names.length > 0 && (
          <Button onClick={() => act(destroySnapshots(names), () => setChosen(new Set()))}>
            <Trash2 aria-hidden size={14} className="text-bad" /> Destroy {names.length}…
          </Button>
        )}
      </div>
      <Table
        label="Snapshots"
        columns={filter.dataset ? COLUMNS.filter(({ key }) => key !== OF) : COLUMNS}
        rows={rows}
        id={(row) => row.id}
        {...(may ? { choice: { chosen, onChange: setChosen, label: (row: Snapshot) => row.full_name } } : {})}
        error={query.error}
        retry={() => void query.refetch()}
        empty={empty}
      />
      <MoreButton query={query} />
    </>
  );
}
