// What users, groups and projects use of a file system, and what they may use.
import { useInfiniteQuery } from "@tanstack/react-query";
import { post, put } from "../../../api/command";
import type { Dataset, Quota, QuotaUsage } from "../../../api/types";
import { useAct } from "../../../ui/action/ActionHost";
import type { Action } from "../../../ui/action/CommandDialog";
import { Bar } from "../../../ui/Bar";
import { Button } from "../../../ui/Button";
import { Bytes } from "../../../ui/Bytes";
import { MoreButton } from "../../../ui/MoreButton";
import { Empty, Mono } from "../../../ui/Page";
import { type Column, Table } from "../../../ui/Table";
import { Time } from "../../../ui/Time";
import { useMay } from "../../auth/queries";
import { quotas } from "./queries";
import { QuotasField, wishesOf, wishOf } from "./QuotasField";

export type QuotaRow = Omit<QuotaUsage, "sampled_at"> & { sampled_at: string | null };

const NEAR = 90; // percent

const COLUMNS: Column<QuotaRow>[] = [
  { key: "kind", head: "For", cell: (row) => row.kind },
  { key: "who", head: "Name", cell: (row) => <Mono>{row.who}</Mono> },
  { key: "used", head: "Used", cell: (row) => <Bytes value={row.used} />, right: true },
  { key: "quota", head: "May use", cell: (row) => (row.quota === null ? "no limit" : <Bytes value={row.quota} />), right: true },
  { key: "bar", head: "Of it", cell: (row) => <Share row={row} /> },
  { key: "objects", head: "Files and folders", cell: (row) => row.objects_used?.toLocaleString("en") ?? "–", right: true },
  { key: "most", head: "May have", cell: (row) => row.objects_quota?.toLocaleString("en") ?? "no limit", right: true },
  { key: "at", head: "Counted", cell: (row) => (row.sampled_at ? <Time value={row.sampled_at} /> : "not yet") },
];

function Share({ row }: { row: QuotaRow }) {
  if (!row.quota) return null;
  const percent = (100 * row.used) / row.quota;
  return (
    <span className="flex items-center gap-2">
      <Bar percent={percent} label={`Used by ${row.who}`} tone={percent >= 100 ? "bad" : percent >= NEAR ? "warn" : "ok"} />
      {percent.toFixed(0)} %
    </span>
  );
}

/** Who was counted, and behind them who has a limit but was not counted yet. */
export function rowsOf(usage: QuotaUsage[], configured: Quota[]): QuotaRow[] {
  const counted = new Set(usage.map(({ kind, who }) => `${kind}:${who}`));
  const rest = configured.filter(({ kind, who }) => !counted.has(`${kind}:${who}`));
  const bare = rest.map(({ kind, who, space, objects }) => ({
    kind, who, used: 0, quota: space, objects_used: null, objects_quota: objects, sampled_at: null,
  }));
  return [...usage, ...bare];
}

function setQuotas(row: Dataset, configured: Quota[]): Action {
  return {
    title: `Quotas of ${row.name}`,
    verb: "Set",
    about: "Sizes as 10G or 1.5T. Who is taken off the list has no limit any more.",
    fields: [{ kind: "custom", name: "quotas", label: "Quotas", render: (given) => <QuotasField {...given} /> }],
    initial: { quotas: configured.map(wishOf) },
    ask: (values) =>
      put("/api/v1/storage/datasets/{dataset_id}/quotas", {
        path: { dataset_id: row.id },
        body: { quotas: wishesOf(values.quotas) },
      }),
  };
}

function count(row: Dataset): Action {
  return {
    title: `Count what is used of ${row.name}`,
    verb: "Count",
    ask: () => post("/api/v1/storage/datasets/{dataset_id}/quotas/scan", { path: { dataset_id: row.id }, body: {} }),
  };
}

export function Quotas({ row }: { row: Dataset }) {
  const query = useInfiniteQuery(quotas(row.id));
  const act = useAct();
  const [operate, administer] = [useMay("operate"), useMay("administer")];
  const configured = query.data?.pages[0]?.configured ?? [];
  const again = () => void query.refetch();
  // Behind the last page only: one of a later page may be among the configured.
  const missing = query.hasNextPage ? [] : configured;
  const rows = query.data && rowsOf(query.data.pages.flatMap((page) => page.usage.items), missing);
  const buttons = (
    <div className="flex flex-wrap gap-2">
      {administer && query.data && <Button onClick={() => act(setQuotas(row, configured), again)}>Set quotas…</Button>}
      {operate && <Button onClick={() => act(count(row), again)}>Count now…</Button>}
    </div>
  );
  return (
    <>
      {buttons}
      <Table
        label="Quotas"
        columns={COLUMNS}
        rows={rows}
        id={({ kind, who }) => `${kind}:${who}`}
        error={query.error}
        retry={again}
        empty={
          <Empty title="Nobody was counted yet">
            <p>Limits for users, groups and projects stand here, with what each of them uses.</p>
          </Empty>
        }
      />
      <MoreButton query={query} />
    </>
  );
}
