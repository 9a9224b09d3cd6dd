import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { Link } from "react-router";
import type { Schedule } from "../../../api/types";
import { ActionBar } from "../../../ui/action/ActionBar";
import { useAct } from "../../../ui/action/ActionHost";
import { Button } from "../../../ui/Button";
import { Empty, PageHead } from "../../../ui/Page";
import { type Column, Table } from "../../../ui/Table";
import { Time } from "../../../ui/Time";
import { useMay } from "../../auth/queries";
import { pools } from "../queries";
import { createSchedule, scheduleOffers } from "./actions";
import { schedules } from "./queries";
import { RunState, ScheduleState } from "./states";
import { atClockOf, jobWords } from "./words";

const page = (row: Schedule) => `/storage/schedules/${encodeURIComponent(row.name)}`;

const COLUMNS: Column<Schedule>[] = [
  {
    key: "name",
    head: "Schedule",
    cell: (row) => (
      <Link to={page(row)} title={row.name} className="font-medium">
        {row.name}
      </Link>
    ),
    sort: (row) => row.name,
  },
  { key: "state", head: "State", cell: (row) => <ScheduleState row={row} />, sort: (row) => Number(row.enabled) },
  { key: "job", head: "What", cell: (row) => <span title={jobWords(row)}>{jobWords(row)}</span>, sort: jobWords },
  { key: "when", head: "When", cell: (row) => <span title={row.when.cron}>{row.words}</span> },
  {
    key: "next",
    head: "Next run",
    cell: (row) => <Next row={row} />,
    sort: (row) => row.next_runs[0] ?? "~",
  },
  { key: "last", head: "Last run", cell: (row) => <Latest row={row} />, sort: (row) => row.latest?.due ?? "" },
  { key: "act", head: "", cell: (row) => <Actions row={row} />, right: true, pinned: true },
];

function Next({ row: { next_runs, when } }: { row: Schedule }) {
  const [time] = next_runs;
  if (!time) return <span className="text-muted">none</span>;
  return (
    <span title={`${atClockOf(when.timezone, time)} by the clock of ${when.timezone}`}>
      <Time value={time} />
      <span className="text-muted">, {atClockOf(when.timezone, time)}</span>
    </span>
  );
}

function Latest({ row: { latest } }: { row: Schedule }) {
  if (!latest) return <span className="text-muted">not yet</span>;
  return (
    <span className="flex items-center gap-2">
      <RunState run={latest} />
      <Time value={latest.due} />
    </span>
  );
}

function usePoolNames(): string[] {
  return (useQuery(pools).data ?? []).map(({ name }) => name);
}

function Actions({ row }: { row: Schedule }) {
  const may = { operate: useMay("operate"), administer: useMay("administer") };
  const names = usePoolNames();
  const offers = scheduleOffers(row, { may, pools: names }).map((offer) => ({ ...offer, prominent: false }));
  return <ActionBar quiet label={`Actions for ${row.name}`} offers={offers} />;
}

export function SchedulesPage() {
  const act = useAct();
  const may = useMay("administer");
  const query = useQuery(schedules);
  const names = usePoolNames();
  const create = may && (
    <Button look="primary" onClick={() => act(createSchedule(names))}>
      <Plus aria-hidden size={16} /> Create schedule
    </Button>
  );
  return (
    <>
      <PageHead title="Schedules" about="Snapshots and scrubs by the clock, and how long snapshots are kept." actions={create} />
      <Table
        label="Schedules"
        order="name"
        columns={COLUMNS}
        rows={query.data}
        id={(row) => row.id}
        version={(row) => `${row.version} ${row.latest?.id ?? ""} ${row.latest?.state ?? ""}`}
        to={page}
        error={query.error}
        retry={() => void query.refetch()}
        empty={
          <Empty title="There is no schedule yet">
            <p>A schedule takes snapshots of a dataset, keeps as many as you say, or scrubs a pool now and then.</p>
            {create}
          </Empty>
        }
      />
    </>
  );
}
