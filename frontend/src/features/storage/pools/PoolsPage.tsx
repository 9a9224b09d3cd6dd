import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus, Search } from "lucide-react";
import { Link } from "react-router";
import type { Pool } from "../../../api/types";
import { useMay } from "../../auth/queries";
import { useAct } from "../../../ui/action/ActionHost";
import { ZfsState } from "../../../ui/Badge";
import { Button } from "../../../ui/Button";
import { Empty, PageHead } from "../../../ui/Page";
import { type Column, Table } from "../../../ui/Table";
import { Time } from "../../../ui/Time";
import { Capacity } from "./Capacity";
import { createPool } from "./actions";
import { findPools, Importable } from "./ImportablePools";
import { redundancy } from "./layout";
import { pools } from "../queries";
import { ScanLine } from "./ScanProgress";

const address = (pool: Pool) => `/storage/pools/${encodeURIComponent(pool.name)}`;

const COLUMNS: Column<Pool>[] = [
  {
    key: "name",
    head: "Pool",
    cell: (pool) => (
      <Link to={address(pool)} title={pool.name} className="font-medium">
        {pool.name}
      </Link>
    ),
    sort: (pool) => pool.name,
  },
  {
    key: "state",
    head: "State",
    cell: (pool) => (
      <span className="flex items-center gap-2">
        <ZfsState state={pool.state} />
        <span className="text-xs text-muted">
          since <Time value={pool.state_since} />
        </span>
      </span>
    ),
    sort: (pool) => pool.state,
  },
  { key: "capacity", head: "Used", cell: (pool) => <Capacity pool={pool} />, sort: (p) => p.usage?.capacity ?? -1 },
  { key: "redundancy", head: "Redundancy", cell: redundancy, sort: redundancy },
  { key: "scan", head: "Latest scan", cell: (pool) => <ScanLine pool={pool} /> },
  { key: "disks", head: "Disks", cell: (pool) => pool.disks.length, sort: (pool) => pool.disks.length, right: true },
];

export function PoolsPage() {
  const act = useAct();
  const queries = useQueryClient();
  const [may, operate] = [useMay("administer"), useMay("operate")];
  const query = useQuery(pools);
  const create = may && (
    <Button look="primary" onClick={() => act(createPool)}>
      <Plus aria-hidden size={16} /> Create pool
    </Button>
  );
  return (
    <>
      <PageHead title="Pools" about="Disks joined by ZFS; all data of this box lies in them." actions={
          <>
            {operate && (
              <Button onClick={() => act(findPools, () => void queries.invalidateQueries({ queryKey: ["pools"] }))}>
                <Search aria-hidden size={16} /> Find pools…
              </Button>
            )}
            {create}
          </>
        }
      />
      <Table
        label="Pools"
        order="name"
        columns={COLUMNS}
        rows={query.data}
        id={(pool) => pool.id}
        version={(pool) => pool.version}
        to={address}
        error={query.error}
        retry={() => void query.refetch()}
        empty={
          <Empty title="There is no pool yet">
            <p>
              A pool joins disks into one store that survives the loss of some of them. Nothing can be stored on this
              box before there is one.
            </p>
            {create}
          </Empty>
        }
      />
      <Importable />
    </>
  );
}
