import { useInfiniteQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import type { AlertFilter } from "../../api/types";
import { SelectField } from "../../ui/Field";
import { MoreButton } from "../../ui/MoreButton";
import { Empty, Loading, PageHead } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { AlertList } from "./AlertList";
import { alertList } from "./queries";

const STATES = [
  { value: "standing", label: "that hold now" },
  { value: "active", label: "not acknowledged" },
  { value: "acknowledged", label: "acknowledged" },
  { value: "cleared", label: "cleared" },
  { value: "", label: "all there ever were" },
] as const;
const SEVERITIES = [
  { value: "", label: "any" },
  { value: "critical", label: "critical" },
  { value: "warning", label: "warning" },
  { value: "info", label: "info" },
] as const;

export function AlertsPage() {
  const [search, setSearch] = useSearchParams();
  const state = STATES.find((each) => each.value === search.get("state"))?.value ?? "standing";
  const severity = SEVERITIES.find((each) => each.value === search.get("severity"))?.value ?? "";
  const filter: AlertFilter = { state, ...(severity ? { severity } : {}) };
  const query = useInfiniteQuery(alertList(filter));
  const rows = query.data?.pages.flatMap((page) => page.items);
  const calm = state === "standing" && !severity;
  const set = (name: string, value: string) => {
    const next = new URLSearchParams(search);
    next.set(name, value);
    setSearch(next, { replace: true });
  };
  return (
    <>
      <PageHead title="Alerts" about="What wants attention on this box, since when, and what to do about it." />
      <div className="flex flex-wrap gap-3">
        <div className="w-52">
          <SelectField label="Alerts" value={state} options={STATES} onChange={(value) => set("state", value)} />
        </div>
        <div className="w-36">
          <SelectField
            label="Severity"
            value={severity}
            options={SEVERITIES}
            onChange={(value) => set("severity", value)}
          />
        </div>
      </div>
      <section aria-label="Alerts" className="rounded border border-line bg-surface">
        {rows && rows.length > 0 && <AlertList alerts={rows} label="Alerts" />}
        {rows?.length === 0 && (
          <Empty title={calm ? "All is well" : "There is no such alert"}>
            {calm && (
              <p>Degraded pools, failing disks, full pools, missed schedules and the like stand here while they hold.</p>
            )}
          </Empty>
        )}
        {!rows && (query.error ? <ProblemNote error={query.error} retry={() => void query.refetch()} /> : <Loading />)}
      </section>
      <MoreButton query={query} />
    </>
  );
}
