// A pool's properties, what each means, and whether it is as ZFS has it by default.
import { useQuery } from "@tanstack/react-query";
import type { Pool, PoolProperty } from "../../../api/types";
import { Empty, Mono } from "../../../ui/Page";
import { type Column, Table } from "../../../ui/Table";
import { poolProperties } from "../queries";

interface Row extends PoolProperty {
  value: string;
}

/** Properties in effect, with their rules. */
export function propertyRows({ properties }: Pool, rules: readonly PoolProperty[]): Row[] {
  return rules.filter(({ name }) => name in properties).map((rule) => ({ ...rule, value: properties[rule.name] ?? "" }));
}

const COLUMNS: Column<Row>[] = [
  { key: "name", head: "Property", cell: (row) => <Mono>{row.name}</Mono>, sort: (row) => row.name },
  {
    key: "value",
    head: "Value",
    cell: (row) => <span title={row.value}>{row.value ? <Mono>{row.value}</Mono> : <span className="text-muted">none</span>}</span>,
  },
  {
    key: "default",
    head: "By default",
    cell: (row) => <span className="text-muted">{row.value === row.default ? "the same" : row.default || "none"}</span>,
  },
  {
    key: "about",
    head: "Means",
    cell: (row) => <span className="block min-w-64 py-1.5 whitespace-normal text-muted">{row.description}</span>,
  },
];

export function PropertyTable({ pool }: { pool: Pool }) {
  const query = useQuery(poolProperties);
  return (
    <Table
      label="Properties"
      order="name"
      columns={COLUMNS}
      rows={query.data && propertyRows(pool, query.data)}
      id={(row) => row.name}
      version={(row) => row.value}
      error={query.error}
      retry={() => void query.refetch()}
      empty={<Empty title="Its properties have not been read yet" />}
    />
  );
}
