import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { toProblem } from "../../../api/problem";
import type { Pool } from "../../../api/types";
import { ActionBar } from "../../../ui/action/ActionBar";
import { ZfsState } from "../../../ui/Badge";
import { Facts } from "../../../ui/Facts";
import { Card, Empty, Loading, Mono, PageHead } from "../../../ui/Page";
import { ProblemNote } from "../../../ui/ProblemNote";
import { Tabs, useTab } from "../../../ui/Tabs";
import { Time } from "../../../ui/Time";
import { AlertNotes } from "../../alerts/AlertNotes";
import { standing } from "../../alerts/queries";
import { useMay } from "../../auth/queries";
import { LastChanges } from "../../events/LastChanges";
import { DriftNote } from "../drift/DriftNote";
import { saysDrift } from "../drift/queries";
import { DatasetTable } from "../datasets/DatasetTable";
import { SnapshotTable } from "../snapshots/SnapshotTable";
import { CapacityChart } from "../figures/CapacityChart";
import { IoView } from "../figures/IoView";
import { disks, pool as poolQuery, poolProperties, pools } from "../queries";
import { poolOffers } from "./actions";
import { ActivityList, otherWork } from "./Activities";
import { CapacityBlock } from "./Capacity";
import { redundancy } from "./layout";
import { PropertyTable } from "./PropertyTable";
import { ScanBlock } from "./ScanProgress";
import { VdevTree } from "./VdevTree";

const TABS = [
  { key: "overview", label: "Overview" },
  { key: "datasets", label: "Datasets" },
  { key: "snapshots", label: "Snapshots" },
  { key: "io", label: "I/O and capacity" },
  { key: "properties", label: "Properties" },
  { key: "history", label: "History" },
];

const addressOf = (name: string) => `storage.pool.${name}`;

export function PoolPage() {
  const { name = "" } = useParams();
  const queries = useQueryClient();
  const query = useQuery({
    ...poolQuery(name),
    // What the list showed is readable at once, and still when the box can't be reached; it counts as old.
    initialData: () => queries.getQueryData(pools.queryKey)?.find((pool) => pool.name === name),
    initialDataUpdatedAt: 0,
  });
  // It was here a moment ago, or never: the record knows, so it is shown in any case.
  if (query.error && toProblem(query.error).status === 404) return <Gone name={name} />;
  if (!query.data) {
    return query.error ? <ProblemNote error={query.error} retry={() => void query.refetch()} /> : <Loading />;
  }
  return <Shown pool={query.data} />;
}

function Gone({ name }: { name: string }) {
  return (
    <>
      <PageHead title={name} up={{ to: "/storage/pools", label: "Pools" }} />
      <div className="rounded border border-line bg-surface">
        <Empty title={`There is no pool “${name}”`}>
          <p>If it was here before, its last changes below say what became of it.</p>
          <Link to="/storage/pools">To the pools</Link>
        </Empty>
      </div>
      <LastChanges address={addressOf(name)} limit={10} />
    </>
  );
}

function Shown({ pool }: { pool: Pool }) {
  const navigate = useNavigate();
  const may = { operate: useMay("operate"), administer: useMay("administer") };
  const tab = useTab(TABS);
  const { data: rules = [] } = useQuery(poolProperties);
  return (
    <>
      <PageHead
        up={{ to: "/storage/pools", label: "Pools" }}
        title={pool.name}
        state={
          <span className="flex items-center gap-2">
            <ZfsState state={pool.state} />
            <span className="text-xs text-muted">
              since <Time value={pool.state_since} />
            </span>
          </span>
        }
        about={`${redundancy(pool)} · ${pool.disks.length} disk${pool.disks.length === 1 ? "" : "s"}${pool.read_only ? " · read-only" : ""}`}
        actions={
          <ActionBar
            label={`More for ${pool.name}`}
            offers={poolOffers(pool, { may, rules, onGone: () => void navigate("/storage/pools") })}
          />
        }
      />
      <AlertNotes address={addressOf(pool.name)} without={saysDrift(addressOf(pool.name))} />
      <DriftNote address={addressOf(pool.name)} drift={pool.drift} missing={pool.state === "MISSING"} />
      {pool.status && <Status pool={pool} />}
      <Tabs tabs={TABS} label={`Parts of ${pool.name}`} />
      {tab === "overview" && <Overview pool={pool} />}
      {tab === "datasets" && (
        <DatasetTable filter={{ pool: pool.name }} empty={<Empty title="No dataset has been seen yet" />} />
      )}
      {tab === "snapshots" && (
        <SnapshotTable filter={{ pool: pool.name }} empty={<Empty title="There is no snapshot in this pool" />} />
      )}
      {tab === "io" && (
        <>
          <CapacityChart pool={pool.name} />
          <IoView pool={pool.name} />
        </>
      )}
      {tab === "properties" && <PropertyTable pool={pool} />}
      {tab === "history" && <LastChanges address={addressOf(pool.name)} limit={50} />}
    </>
  );
}

function Overview({ pool }: { pool: Pool }) {
  const byId = new Map(useQuery(disks).data?.map((disk) => [disk.id, disk]));
  return (
    <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_20rem]">
      <div className="flex min-w-0 flex-col gap-4">
        <Card title="Devices">
          <VdevTree pool={pool} disks={byId} />
        </Card>
        <LastChanges address={addressOf(pool.name)} limit={10} />
      </div>
      <div className="grid gap-4 sm:grid-cols-2 xl:grid-cols-1">
        <Card title="Used">
          <CapacityBlock pool={pool} />
        </Card>
        <Card title="Latest scan">
          <ScanBlock pool={pool} />
        </Card>
        {otherWork(pool).length > 0 && (
          <Card title="Going on">
            <ActivityList pool={pool} disks={byId} />
          </Card>
        )}
        <Card title="About">
          <Facts
            facts={[
              ["Errors", pool.errors || "none known"],
              ...(pool.checkpoint ? ([["Checkpoint", "kept; what is freed stays in use"]] as [string, ReactNode][]) : []),
              ["Made by", pool.created_by === "calypso" ? "Calypso" : "somebody outside Calypso"],
              ["Made", <Time value={pool.created_at} />],
              ["GUID", <Mono>{pool.guid}</Mono>],
            ]}
          />
        </Card>
      </div>
    </div>
  );
}

/** What ZFS itself says is wrong, and what it says to do; left out while an alert on this page says the same. */
function Status({ pool }: { pool: Pool }) {
  const alerts = useQuery(standing(addressOf(pool.name))).data ?? [];
  if (alerts.some((alert) => alert.state === "active" && alert.text.includes(pool.status))) return null;
  const bad = pool.state !== "ONLINE" && pool.state !== "DEGRADED";
  return (
    <section
      aria-label="What ZFS says"
      className={`flex flex-col gap-1 rounded border p-3 ${bad ? "border-bad/40 bg-bad-soft" : "border-warn/40 bg-warn-soft"}`}
    >
      <p className={`font-medium ${bad ? "text-bad" : "text-warn"}`}>{pool.status}</p>
      {pool.action && <p>{pool.action}</p>}
    </section>
  );
}
