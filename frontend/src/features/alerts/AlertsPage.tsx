import { useInfiniteQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import type { Alert, AlertFilter } from "../../api/types";
import { useAct } from "../../ui/action/ActionHost";
import { Button } from "../../ui/Button";
import { SelectField } from "../../ui/Field";
import { MoreButton } from "../../ui/MoreButton";
import { Empty, PageHead } from "../../ui/Page";
import { type Column, Table } from "../../ui/Table";
import { Time } from "../../ui/Time";
import { useMay } from "../auth/queries";
import { acknowledge, alertList } from "./queries";
import { AlertState, Severity, Subject } from "./words";

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

const COLUMNS: Column<Alert>[] = [
  { key: "severity", head: "Severity", cell: (alert) => <Severity alert={alert} /> },
  { key: "subject", head: "About", cell: (alert) => <Subject address={alert.resource} /> },
  { key: "title", head: "What", cell: (alert) => <What alert={alert} /> },
  { key: "state", head: "State", cell: (alert) => <AlertState alert={alert} /> },
  { key: "since", head: "Since", cell: (alert) => <Time value={alert.raised_at} /> },
  { key: "act", head: "", cell: (alert) => <Acknowledge alert={alert} />, right: true },
];

/** The words in full below the title: a person at night reads no tooltips. */
function What({ alert }: { alert: Alert }) {
  return (
    <div className="flex flex-col py-1.5 whitespace-normal">
      <span className="font-medium">{alert.title}</span>
      <span>{alert.text}</span>
      {alert.state !== "cleared" && <span className="text-muted">{alert.advice}</span>}
      {alert.state === "acknowledged" && (
        <span className="text-xs text-muted">
          Acknowledged by {alert.acknowledged_by.replace(/^user:/, "")}
          {alert.acknowledged_reason && `: ${alert.acknowledged_reason}`}
        </span>
      )}
    </div>
  );
}

function Acknowledge({ alert }: { alert: Alert }) {
  const act = useAct();
  const may = useMay("operate");
  if (!may || alert.state !== "active") return null;
  return <Button onClick={() => act(acknowledge(alert))}>Acknowledge…</Button>;
}

export function AlertsPage() {
  const [search, setSearch] = useSearchParams();
  const state = STATES.find((each) => each.value === search.get("state"))?.value ?? "standing";
  const severity = SEVERITIES.find((each) => each.value === search.get("severity"))?.value ?? "";
  const filter: AlertFilter = { state, ...(severity ? { severity } : {}) };
  const query = useInfiniteQuery(alertList(filter));
  const rows = query.data?.pages.flatMap((page) => page.items);
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
      <Table
        label="Alerts"
        columns={COLUMNS}
        rows={rows}
        id={(alert) => alert.id}
        version={(alert) => alert.version}
        error={query.error}
        retry={() => void query.refetch()}
        empty={
          <Empty title={state === "standing" && !severity ? "All is well" : "There is no such alert"}>
            {state === "standing" && !severity && (
              <p>Degraded pools, failing disks, full pools, missed schedules and the like stand here while they hold.</p>
            )}
          </Empty>
        }
      />
      <MoreButton query={query} />
    </>
  );
}
