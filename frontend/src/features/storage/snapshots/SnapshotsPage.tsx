import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import type { SnapshotFilter } from "../../../api/types";
import { SelectField } from "../../../ui/Field";
import { Empty, PageHead } from "../../../ui/Page";
import { SearchField } from "../../../ui/SearchField";
import { pools } from "../queries";
import { SnapshotTable } from "./SnapshotTable";

const HELD = [
  { value: "", label: "held or not" },
  { value: "yes", label: "held" },
  { value: "no", label: "not held" },
] as const;
const ORDERS = [
  { value: "-created_at", label: "latest first" },
  { value: "created_at", label: "oldest first" },
  { value: "name", label: "by name" },
] as const;

export function SnapshotsPage() {
  const [search, setSearch] = useSearchParams();
  const all = useQuery(pools).data ?? [];
  const held = HELD.find((each) => each.value === search.get("held"))?.value ?? "";
  const order = ORDERS.find((each) => each.value === search.get("order"))?.value ?? "-created_at";
  const [pool, words, schedule] = ["pool", "search", "schedule"].map((name) => search.get(name) ?? "");
  const filter: SnapshotFilter = {
    order,
    pool: pool ?? "",
    search: words ?? "",
    schedule: schedule ?? "",
    ...(held ? { held: held === "yes" } : {}),
  };
  const set = (name: string, value: string) => {
    const next = new URLSearchParams(search);
    if (value) next.set(name, value);
    else next.delete(name);
    setSearch(next, { replace: true });
  };
  return (
    <>
      <PageHead title="Snapshots" about="Datasets as they were at one moment; they cost only what has changed since." />
      <div className="flex flex-wrap items-end gap-3">
        <SearchField label="Search snapshots" placeholder="Part of the name, or dataset@name" />
        <div className="w-40">
          <SelectField
            label="Pool"
            value={pool ?? ""}
            options={[{ value: "", label: "all" }, ...all.map(({ name }) => ({ value: name, label: name }))]}
            onChange={(value) => set("pool", value)}
          />
        </div>
        <div className="w-36">
          <SelectField label="Holds" value={held} options={HELD} onChange={(value) => set("held", value)} />
        </div>
        <div className="w-36">
          <SelectField label="Order" value={order} options={ORDERS} onChange={(value) => set("order", value)} />
        </div>
      </div>
      <SnapshotTable
        key={JSON.stringify(filter)}
        filter={filter}
        empty={
          pool || words || held || schedule ? (
            <Empty title="No snapshot matches" />
          ) : (
            <Empty title="There is no snapshot yet">
              <p>Take one on a dataset’s page, or let a schedule do it.</p>
            </Empty>
          )
        }
      />
    </>
  );
}
