import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { toProblem } from "../../../api/problem";
import type { DatasetDetail } from "../../../api/types";
import { ActionBar } from "../../../ui/action/ActionBar";
import { Bytes } from "../../../ui/Bytes";
import { Facts } from "../../../ui/Facts";
import { Card, Empty, Loading, Mono, PageHead } from "../../../ui/Page";
import { ProblemNote } from "../../../ui/ProblemNote";
import { Tabs, useTab } from "../../../ui/Tabs";
import { Time } from "../../../ui/Time";
import { AlertNotes } from "../../alerts/AlertNotes";
import { useMay } from "../../auth/queries";
import { LastChanges } from "../../events/LastChanges";
import { DriftNote } from "../drift/DriftNote";
import { saysDrift } from "../drift/queries";
import { Bookmarks } from "../snapshots/Bookmarks";
import { SnapshotTable } from "../snapshots/SnapshotTable";
import { datasetOffers } from "./actions";
import { DatasetState, DatasetTable } from "./DatasetTable";
import { KeyCard } from "./KeyCard";
import { Properties } from "./Properties";
import { dataset } from "./queries";
import { Quotas } from "./Quotas";
import { Space } from "./Space";
import { UsedBy } from "./UsedBy";

const TABS = [
  { key: "overview", label: "Overview" },
  { key: "datasets", label: "Below it" },
  { key: "snapshots", label: "Snapshots" },
  { key: "properties", label: "Properties" },
  { key: "quotas", label: "Quotas" },
  { key: "history", label: "History" },
];
/** What volumes have nothing of. */
const FILES_ONLY = new Set(["datasets", "quotas"]);

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
  const navigate = useNavigate();
  const may = { operate: useMay("operate"), administer: useMay("administer") };
  const tabs = row.type === "volume" ? TABS.filter(({ key }) => !FILES_ONLY.has(key)) : TABS;
  const tab = useTab(tabs);
  const address = `storage.dataset.${row.name}`;
  return (
    <>
      <PageHead
        up={{ to: `/storage/datasets?pool=${encodeURIComponent(row.pool)}`, label: `Datasets of ${row.pool}` }}
        title={row.name}
        mono
        state={<DatasetState row={row} />}
        about={about(row)}
        actions={
          <ActionBar
            label={`More for ${row.name}`}
            offers={datasetOffers(row, may, () => void navigate(`/storage/datasets?pool=${encodeURIComponent(row.pool)}`))}
          />
        }
      />
      <AlertNotes address={address} without={saysDrift(address)} />
      <DriftNote address={address} drift={row.drift} missing={row.missing} />
      <Tabs tabs={tabs} label={`Parts of ${row.name}`} />
      {tab === "overview" && <Overview row={row} />}
      {tab === "datasets" && (
        <DatasetTable filter={{ parent: row.name }} empty={<Empty title={`Nothing is below ${row.name}`} />} />
      )}
      {tab === "snapshots" && (
        <>
          <SnapshotTable
            filter={{ dataset: row.name }}
            empty={<Empty title={`There is no snapshot of ${row.name}`} />}
          />
          <Bookmarks dataset={row.name} />
        </>
      )}
      {tab === "properties" && <Properties row={row} />}
      {tab === "quotas" && <Quotas row={row} />}
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
      <div className="flex min-w-0 flex-col gap-4">
        <UsedBy id={row.id} />
        <LastChanges address={`storage.dataset.${row.name}`} limit={10} />
      </div>
      <div className="grid gap-4 sm:grid-cols-2 xl:grid-cols-1">
        <Card title="Space">
          <Space row={row} />
        </Card>
        {row.encryption !== "off" && <KeyCard row={row} />}
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
  return [
    ["Pool", <Link to={`/storage/pools/${encodeURIComponent(row.pool)}`}>{row.pool}</Link>],
    place,
    ["Made by", row.created_by === "calypso" ? "Calypso" : "somebody outside Calypso"],
    ["Made", <Time value={row.created_at} />],
    ["GUID", <Mono>{row.guid}</Mono>],
  ];
}
