import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, useParams } from "react-router";
import { toProblem } from "../../../api/problem";
import type { DatasetDetail } from "../../../api/types";
import { Bytes } from "../../../ui/Bytes";
import { Facts } from "../../../ui/Facts";
import { Card, Empty, Loading, Mono, PageHead } from "../../../ui/Page";
import { ProblemNote } from "../../../ui/ProblemNote";
import { Tabs, useTab } from "../../../ui/Tabs";
import { Time } from "../../../ui/Time";
import { AlertNotes } from "../../alerts/AlertNotes";
import { LastChanges } from "../../events/LastChanges";
import { SnapshotTable } from "../snapshots/SnapshotTable";
import { DatasetState, DatasetTable } from "./DatasetTable";
import { Properties } from "./Properties";
import { dataset } from "./queries";
import { Space } from "./Space";

const TABS = [
  { key: "overview", label: "Overview" },
  { key: "datasets", label: "Below it" },
  { key: "snapshots", label: "Snapshots" },
  { key: "properties", label: "Properties" },
  { key: "history", label: "History" },
];

export function DatasetPage() {
  const { id = "" } = useParams();
  const query = useQuery(dataset(id));
  if (query.error && toProblem(query.error).status === 404) {
    return (
      <Empty title="There is no such dataset">
        <p>It may have been destroyed; the record has what became of it.</p>
        <Link to="/storage/datasets">To the datasets</Link>
      </Empty>
    );
  }
  if (!query.data) {
    return query.error ? <ProblemNote error={query.error} retry={() => void query.refetch()} /> : <Loading />;
  }
  return <Shown row={query.data} />;
}

function Shown({ row }: { row: DatasetDetail }) {
  const tab = useTab(TABS);
  const address = `storage.dataset.${row.name}`;
  return (
    <>
      <PageHead
        up={{ to: `/storage/datasets?pool=${encodeURIComponent(row.pool)}`, label: `Datasets of ${row.pool}` }}
        title={row.name}
        mono
        state={<DatasetState row={row} />}
        about={about(row)}
      />
      <AlertNotes address={address} />
      <Tabs tabs={TABS} label={`Parts of ${row.name}`} />
      {tab === "overview" && <Overview row={row} />}
      {tab === "datasets" && (
        <DatasetTable filter={{ parent: row.name }} empty={<Empty title={`Nothing is below ${row.name}`} />} />
      )}
      {tab === "snapshots" && (
        <SnapshotTable
          filter={{ dataset: row.name }}
          empty={<Empty title={`There is no snapshot of ${row.name}`} />}
        />
      )}
      {tab === "properties" && <Properties row={row} />}
      {tab === "history" && <LastChanges address={address} limit={50} />}
    </>
  );
}

function about(row: DatasetDetail): string {
  const what = row.type === "volume" ? "Volume" : "File system";
  const from = row.origin ? `, a clone of ${row.origin}` : "";
  const key = row.encryption === "off" ? "" : `, encrypted with ${row.encryption}`;
  return `${what}${from}${key}.`;
}

function Overview({ row }: { row: DatasetDetail }) {
  return (
    <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_20rem]">
      <LastChanges address={`storage.dataset.${row.name}`} limit={10} />
      <div className="grid gap-4 sm:grid-cols-2 xl:grid-cols-1">
        <Card title="Space">
          <Space row={row} />
        </Card>
        <Card title="About">
          <Facts facts={facts(row)} />
        </Card>
      </div>
    </div>
  );
}

function facts(row: DatasetDetail): [string, ReactNode][] {
  const place: [string, ReactNode] =
    row.volsize === null
      ? ["Mounted at", <Mono>{row.mounted ? row.mountpoint : `${row.mountpoint || "–"} (not mounted)`}</Mono>]
      : ["Size", <Bytes value={row.volsize} />];
  const key: [string, ReactNode][] = [
    ["Key", row.key_status === "available" ? "loaded" : "not loaded"],
    ["Key of", <Mono>{row.encryption_root}</Mono>],
  ];
  return [
    ["Pool", <Link to={`/storage/pools/${encodeURIComponent(row.pool)}`}>{row.pool}</Link>],
    place,
    ...(row.encryption === "off" ? [] : key),
    ["Made by", row.created_by === "calypso" ? "Calypso" : "somebody outside Calypso"],
    ["Made", <Time value={row.created_at} />],
    ["GUID", <Mono>{row.guid}</Mono>],
  ];
}
