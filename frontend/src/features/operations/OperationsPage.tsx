import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import type { Operation } from "../../api/types";
import { OperationState } from "../../ui/Badge";
import { MoreButton } from "../../ui/MoreButton";
import { Empty, PageHead } from "../../ui/Page";
import { SelectField } from "../../ui/Field";
import { type Column, Table } from "../../ui/Table";
import { duration } from "../../ui/time";
import { Time, useNow } from "../../ui/Time";
import { person } from "../events/words";
import { lasted, operationList } from "./queries";

const STATES = ["", "queued", "running", "succeeded", "failed", "cancelled", "interrupted"].map((state) => ({
  value: state,
  label: state || "all states",
}));

const COLUMNS: Column<Operation>[] = [
  { key: "title", head: "Operation", cell: (row) => <Link to={`/operations/${row.id}`}>{row.title}</Link> },
  { key: "state", head: "State", cell: (row) => <OperationState state={row.state} /> },
  { key: "actor", head: "Who", cell: (row) => person(row.actor) },
  { key: "reason", head: "Why", cell: (row) => <span title={row.reason}>{row.reason || "–"}</span> },
  { key: "requested", head: "Asked for", cell: (row) => <Time value={row.requested_at} /> },
  { key: "took", head: "Took", cell: (row) => <Took operation={row} />, right: true },
];

function Took({ operation }: { operation: Operation }) {
  const ms = lasted(operation, useNow());
  return ms === null ? "–" : duration(ms);
}

export function OperationsPage() {
  const [search, setSearch] = useSearchParams();
  const state = search.get("state") ?? "";
  const query = useInfiniteQuery(operationList({ state, resource: "" }));
  const rows = query.data?.pages.flatMap((page) => page.items);
  return (
    <>
      <PageHead title="Operations" about="Everything that was asked of this box, and what came of it." />
      <div className="w-44">
        <SelectField
          label="State"
          value={state}
          options={STATES}
          onChange={(value) => setSearch(value ? { state: value } : {}, { replace: true })}
        />
      </div>
      <Table
        label="Operations"
        columns={COLUMNS}
        rows={rows}
        id={(row) => row.id}
        version={(row) => row.state}
        to={(row) => `/operations/${row.id}`}
        error={query.error}
        retry={() => void query.refetch()}
        empty={
          <Empty title={state ? `No operation is ${state}` : "Nothing was asked of this box yet"}>
            {!state && <p>Creating a pool, for example, is an operation. It stands here with its exact commands.</p>}
          </Empty>
        }
      />
      <MoreButton query={query} />
    </>
  );
}
