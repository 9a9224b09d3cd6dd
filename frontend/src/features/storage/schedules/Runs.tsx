// What ran, failed, was skipped or missed.
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import type { ScheduleRun } from "../../../api/types";
import { Badge } from "../../../ui/Badge";
import { MoreButton } from "../../../ui/MoreButton";
import { Empty } from "../../../ui/Page";
import { type Column, Table } from "../../../ui/Table";
import { Time } from "../../../ui/Time";
import { runs } from "./queries";
import { RunState } from "./states";

const DUE: Column<ScheduleRun> = {
  key: "due",
  head: "Due",
  cell: (run) => (
    <span className="flex items-center gap-2">
      <Time value={run.due} />
      {run.manual && <Badge tone="unknown">by hand</Badge>}
      {run.made_up && <Badge tone="unknown">made up for</Badge>}
    </span>
  ),
};
const STATE: Column<ScheduleRun> = { key: "state", head: "State", cell: (run) => <RunState run={run} /> };
const COUNTS: Column<ScheduleRun>[] = [
  { key: "made", head: "Made", cell: (run) => run.made.toLocaleString("en"), right: true },
  { key: "expired", head: "Expired", cell: (run) => run.expired.toLocaleString("en"), right: true },
];
const REST: Column<ScheduleRun>[] = [
  { key: "why", head: "Why", cell: (run) => <span title={why(run)}>{why(run) || "–"}</span> },
  {
    key: "operation",
    head: "Operation",
    cell: (run) => (
      <span className="flex gap-3">
        {run.operation && <Link to={`/operations/${run.operation}`}>the run</Link>}
        {run.expiry && <Link to={`/operations/${run.expiry}`}>the expiry</Link>}
      </span>
    ),
  },
];

function why({ detail, missed }: ScheduleRun): string {
  return [missed > 1 ? `${missed} times in a row` : "", detail].filter(Boolean).join(": ");
}

export function Runs({ name, kind }: { name: string; kind: "snapshots" | "scrub" }) {
  const query = useInfiniteQuery(runs(name));
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <Table
        label="Runs"
        columns={[DUE, STATE, ...(kind === "snapshots" ? COUNTS : []), ...REST]}
        rows={query.data?.pages.flatMap((page) => page.items)}
        id={(run) => run.id}
        version={(run) => run.state}
        error={query.error}
        retry={() => void query.refetch()}
        empty={
          <Empty title="It has not run yet">
            <p>Each run stands here with what came of it.</p>
          </Empty>
        }
      />
      <MoreButton query={query} />
    </div>
  );
}
