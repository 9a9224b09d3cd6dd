// Datasets as a table: in a pool, below a dataset, or all of the box.
import { useInfiniteQuery } from "@tanstack/react-query";
import { Boxes, Folder, Lock, LockOpen } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Dataset, DatasetFilter } from "../../../api/types";
import { ActionBar } from "../../../ui/action/ActionBar";
import { Badge } from "../../../ui/Badge";
import { Bytes } from "../../../ui/Bytes";
import { MoreButton } from "../../../ui/MoreButton";
import { Mono } from "../../../ui/Page";
import { type Column, Table } from "../../../ui/Table";
import { useMay } from "../../auth/queries";
import { datasetOffers } from "./actions";
import { datasetList } from "./queries";

export const datasetPage = (row: { id: string }) => `/storage/datasets/${row.id}`;

const COLUMNS: Column<Dataset>[] = [
  { key: "name", head: "Dataset", cell: (row) => <Name row={row} /> },
  { key: "state", head: "State", cell: (row) => <DatasetState row={row} /> },
  { key: "used", head: "Used", cell: (row) => <Size value={row.usage?.used} />, right: true },
  { key: "available", head: "Available", cell: (row) => <Size value={row.usage?.available} />, right: true },
  { key: "referenced", head: "Referenced", cell: (row) => <Size value={row.usage?.referenced} />, right: true },
  { key: "snapshots", head: "In snapshots", cell: (row) => <Size value={row.usage?.used_by_snapshots} />, right: true },
  {
    key: "ratio",
    head: "Compression",
    cell: (row) => (row.usage ? `${row.usage.compress_ratio.toFixed(2)}×` : "–"),
    right: true,
  },
  { key: "where", head: "Mounted at", cell: (row) => <Where row={row} /> },
  { key: "act", head: "", cell: (row) => <Actions row={row} />, right: true, pinned: true },
];

function Size({ value }: { value: number | undefined }) {
  return value === undefined ? "–" : <Bytes value={value} />;
}

/** Indented by depth, so that the sorted list reads as the tree that it is. */
function Name({ row }: { row: Dataset }) {
  const depth = row.name.split("/").length - 1;
  const Icon = row.type === "volume" ? Boxes : Folder;
  return (
    <span className="flex items-center gap-2" style={{ paddingLeft: Math.min(depth, 8) * 16 }}>
      <Icon aria-hidden size={14} className="shrink-0 text-muted" />
      <Link to={datasetPage(row)} title={row.name} className="truncate">
        {row.name.split("/").at(-1)}
      </Link>
      <span className="sr-only">{row.name}</span>
    </span>
  );
}

/** One badge: what matters most. */
export function DatasetState({ row }: { row: Dataset }) {
  if (row.missing) return <Badge tone="bad">missing</Badge>;
  if (row.drift.length > 0) {
    return (
      <Badge tone="warn" title="It differs from the configuration in force.">
        drift
      </Badge>
    );
  }
  if (row.key_status === "unavailable") {
    return (
      <Badge tone="warn" icon={Lock}>
        locked
      </Badge>
    );
  }
  if (row.key_status === "available") {
    return (
      <Badge tone="ok" icon={LockOpen} title={`Encrypted with ${row.encryption}`}>
        unlocked
      </Badge>
    );
  }
  if (row.type === "filesystem" && !row.mounted && row.mountpoint.startsWith("/")) {
    return <Badge tone="unknown">not mounted</Badge>;
  }
  return <Badge tone="ok">{row.type === "volume" ? "volume" : row.mounted ? "mounted" : "ready"}</Badge>;
}

function Where({ row }: { row: Dataset }) {
  if (row.type === "volume") return row.volsize === null ? "–" : <Bytes value={row.volsize} />;
  return <Mono>{row.mountpoint || "–"}</Mono>;
}

function Actions({ row }: { row: Dataset }) {
  const may = { operate: useMay("operate"), administer: useMay("administer") };
  // In a row all of them stand in the menu.
  const offers = datasetOffers(row, may).map((offer) => ({ ...offer, prominent: false }));
  return <ActionBar quiet label={`Actions for ${row.name}`} offers={offers} />;
}

export function DatasetTable({ filter, empty }: { filter: DatasetFilter; empty: ReactNode }) {
  const query = useInfiniteQuery(datasetList(filter));
  return (
    <>
      <Table
        label="Datasets"
        columns={COLUMNS}
        rows={query.data?.pages.flatMap((page) => page.items)}
        id={(row) => row.id}
        version={(row) => row.version}
        to={datasetPage}
        error={query.error}
        retry={() => void query.refetch()}
        empty={empty}
      />
      <MoreButton query={query} />
    </>
  );
}
