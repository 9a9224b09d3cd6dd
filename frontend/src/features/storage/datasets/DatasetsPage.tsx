import { useQuery } from "@tanstack/react-query";
import { Plus, X } from "lucide-react";
import { useSearchParams } from "react-router";
import type { DatasetFilter } from "../../../api/types";
import { useAct } from "../../../ui/action/ActionHost";
import { Button } from "../../../ui/Button";
import { SelectField } from "../../../ui/Field";
import { Empty, PageHead } from "../../../ui/Page";
import { SearchField } from "../../../ui/SearchField";
import { useMay } from "../../auth/queries";
import { pools } from "../queries";
import { createDataset } from "./create";
import { DatasetTable } from "./DatasetTable";

const TYPES = [
  { value: "", label: "all" },
  { value: "filesystem", label: "file systems" },
  { value: "volume", label: "volumes" },
] as const;

export function DatasetsPage() {
  const [search, setSearch] = useSearchParams();
  const act = useAct();
  const may = useMay("administer");
  const all = useQuery(pools).data ?? [];
  const type = TYPES.find((each) => each.value === search.get("type"))?.value ?? "";
  const pool = search.get("pool") ?? "";
  const under = search.get("under") ?? "";
  const words = search.get("search") ?? "";
  const filter: DatasetFilter = { pool, under, search: words, ...(type ? { type } : {}) };
  const set = (name: string, value: string) => {
    const next = new URLSearchParams(search);
    if (value) next.set(name, value);
    else next.delete(name);
    setSearch(next, { replace: true });
  };
  const filtered = Boolean(pool || under || words || type);
  return (
    <>
      <PageHead
        title="Datasets"
        about="File systems and volumes: what data lives in, each with properties, quotas and snapshots of its own."
        actions={
          may &&
          all.length > 0 && (
            <Button look="primary" onClick={() => act(createDataset(under || pool))}>
              <Plus aria-hidden size={16} /> Create dataset
            </Button>
          )
        }
      />
      <div className="flex flex-wrap items-end gap-3">
        <SearchField label="Search datasets" placeholder="Part of the name" />
        <div className="w-40">
          <SelectField
            label="Pool"
            value={pool}
            options={[{ value: "", label: "all" }, ...all.map(({ name }) => ({ value: name, label: name }))]}
            onChange={(value) => set("pool", value)}
          />
        </div>
        <div className="w-40">
          <SelectField label="Type" value={type} options={TYPES} onChange={(value) => set("type", value)} />
        </div>
        {under && (
          <Button look="quiet" onClick={() => set("under", "")}>
            in {under} <X aria-hidden size={14} />
          </Button>
        )}
      </div>
      <DatasetTable
        filter={filter}
        empty={
          filtered ? (
            <Empty title="No dataset matches" />
          ) : (
            <Empty title="There is no dataset yet">
              <p>Each pool begins with one of its own name. Create a pool first.</p>
            </Empty>
          )
        }
      />
    </>
  );
}
