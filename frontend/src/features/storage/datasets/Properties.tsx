// A dataset's properties in effect, where each comes from, and what it is for.
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import type { DatasetDetail, DatasetProperty, PropertyRule } from "../../../api/types";
import { Badge } from "../../../ui/Badge";
import { exactly, inWords } from "../../../ui/Bytes";
import { Empty, Mono } from "../../../ui/Page";
import { SearchField } from "../../../ui/SearchField";
import { type Column, Table } from "../../../ui/Table";
import { useSearchParams } from "react-router";
import { propertyTable } from "./queries";

interface Row extends DatasetProperty {
  name: string;
  rule: PropertyRule | undefined;
  wanted: string | undefined;
}

const COLUMNS: Column<Row>[] = [
  { key: "name", head: "Property", cell: (row) => <Mono>{row.name}</Mono>, sort: (row) => row.name },
  { key: "value", head: "Value", cell: (row) => <Value row={row} /> },
  { key: "source", head: "From", cell: (row) => <Source row={row} />, sort: (row) => row.source },
  { key: "about", head: "What it is for", cell: (row) => <span title={row.rule?.description}>{row.rule?.description}</span> },
];

function Value({ row }: { row: Row }) {
  const size = row.rule?.type === "size" && /^\d+$/.test(row.value) ? Number(row.value) : null;
  const shown = size === null ? row.value : size === 0 ? "none" : inWords(size);
  return (
    <span className="flex items-center gap-2">
      <span title={size === null ? row.value : exactly(size)}>
        <Mono>{shown || "–"}</Mono>
      </span>
      {row.wanted !== undefined && row.wanted !== row.value && <Badge tone="warn">wanted: {row.wanted}</Badge>}
    </span>
  );
}

function Source({ row }: { row: Row }) {
  if (row.source === "inherited") {
    return (
      <>
        inherited from <Link to={`/storage/datasets?under=${encodeURIComponent(row.from)}`}>{row.from}</Link>
      </>
    );
  }
  return row.source === "local" ? <strong className="font-medium">set here</strong> : <span className="text-muted">{row.source}</span>;
}

export function Properties({ row }: { row: DatasetDetail }) {
  const { data: rules = [] } = useQuery(propertyTable);
  const [search] = useSearchParams();
  const words = (search.get("search") ?? "").toLowerCase();
  const byName = new Map(rules.map((rule) => [rule.name, rule]));
  const rows = Object.entries(row.properties)
    .map(([name, found]) => ({ name, ...found, rule: byName.get(name), wanted: row.wanted[name] }))
    .filter(({ name, value }) => `${name} ${value}`.toLowerCase().includes(words));
  return (
    <>
      <SearchField label="Search properties" placeholder="Name or value" />
      <Table
        label="Properties"
        order="name"
        columns={COLUMNS}
        rows={rows}
        id={(each) => each.name}
        version={(each) => `${each.value} ${each.source}`}
        empty={<Empty title="No property matches" />}
      />
    </>
  );
}
