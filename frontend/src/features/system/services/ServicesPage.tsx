import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import type { Service, ServiceManager } from "../../../api/types";
import { ActionBar } from "../../../ui/action/ActionBar";
import { SelectField } from "../../../ui/Field";
import { Notice } from "../../../ui/Notice";
import { Empty, Mono, PageHead } from "../../../ui/Page";
import { SearchField } from "../../../ui/SearchField";
import { type Column, Table } from "../../../ui/Table";
import { Time } from "../../../ui/Time";
import { AlertNotes } from "../../alerts/AlertNotes";
import { useMay } from "../../auth/queries";
import { serviceOffers } from "./actions";
import { services } from "./queries";
import { FileState, matching, servicePage, stateRank, UnitState } from "./words";

const WHICH = [
  { value: "", label: "all" },
  { value: "managed", label: "that Calypso works with" },
  { value: "failed", label: "that have failed" },
  { value: "active", label: "that are active" },
] as const;

const COLUMNS: Column<Service>[] = [
  {
    key: "unit",
    head: "Unit",
    cell: (row) => (
      <Link to={servicePage(row)} title={row.unit} className="font-mono text-sm">
        {row.unit}
      </Link>
    ),
    sort: (row) => row.unit,
  },
  { key: "state", head: "State", cell: (row) => <UnitState row={row} />, sort: stateRank },
  {
    key: "part",
    head: "Part of",
    cell: (row) => row.part || <span className="text-muted">the system</span>,
    sort: (row) => row.part || "~",
  },
  { key: "file", head: "At boot", cell: (row) => <FileState row={row} />, sort: (row) => row.file_state },
  { key: "since", head: "Since", cell: (row) => (row.since ? <Time value={row.since} /> : "–"), sort: (row) => row.since ?? "" },
  {
    key: "what",
    head: "What it is",
    cell: (row) => (
      <span title={row.why || row.description} className={row.why ? "text-bad" : "text-muted"}>
        {row.why || row.description}
      </span>
    ),
  },
  { key: "act", head: "", cell: (row) => <Actions row={row} />, right: true, pinned: true },
];

function Actions({ row }: { row: Service }) {
  const may = { operate: useMay("operate"), administer: useMay("administer") };
  const offers = serviceOffers(row, may).map((offer) => ({ ...offer, prominent: false }));
  return <ActionBar quiet label={`Actions for ${row.unit}`} offers={offers} />;
}

export function ServicesPage() {
  const [search, setSearch] = useSearchParams();
  const which = WHICH.find(({ value }) => value === search.get("which"))?.value ?? "";
  const query = useQuery(services);
  const rows = query.data && matching(query.data.items, { which, search: search.get("search") ?? "" });
  const choose = (value: string) => {
    const next = new URLSearchParams(search);
    next.set("which", value);
    setSearch(next, { replace: true });
  };
  return (
    <>
      <PageHead title="Services" about="The units of systemd as they were seen last; those that Calypso works with stand first." />
      {query.data?.manager && !query.data.manager.ok ? (
        <NoManager manager={query.data.manager} />
      ) : (
        <AlertNotes address="system.services" />
      )}
      <div className="flex flex-wrap items-end gap-3">
        <SearchField label="Search units" placeholder="Name or description" />
        <div className="w-52">
          <SelectField label="Units" value={which} options={WHICH} onChange={choose} />
        </div>
        {rows && <p className="pb-1.5 text-muted">{rows.length.toLocaleString("en")} units</p>}
      </div>
      <Table
        label="Services"
        columns={COLUMNS}
        rows={rows}
        id={(row) => row.unit}
        version={(row) => row.version}
        to={servicePage}
        error={query.error}
        retry={() => void query.refetch()}
        empty={
          query.data?.items.length === 0 ? (
            <Empty title="No unit has been seen yet">
              <p>The observer asks systemd when it starts; what it finds stands here.</p>
            </Empty>
          ) : (
            <Empty title={which === "failed" ? "Nothing has failed" : "There is no such unit"} />
          )
        }
      />
    </>
  );
}

function NoManager({ manager }: { manager: ServiceManager }) {
  return (
    <Notice tone="bad" label="systemd" title={manager.message || "systemd does not answer."}>
      {manager.detail && <p><Mono>{manager.detail}</Mono></p>}
      <p>
        What stands below was seen before. Since <Time value={manager.since} />
      </p>
    </Notice>
  );
}
