import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { toProblem } from "../../../api/problem";
import type { Schedule } from "../../../api/types";
import { ActionBar } from "../../../ui/action/ActionBar";
import { Facts } from "../../../ui/Facts";
import { Notice } from "../../../ui/Notice";
import { Card, Empty, Loading, Mono, PageHead } from "../../../ui/Page";
import { ProblemNote } from "../../../ui/ProblemNote";
import { Tabs, useTab } from "../../../ui/Tabs";
import { Time } from "../../../ui/Time";
import { AlertNotes } from "../../alerts/AlertNotes";
import { useMay } from "../../auth/queries";
import { LastChanges } from "../../events/LastChanges";
import { pools } from "../queries";
import { scheduleOffers } from "./actions";
import { Moments } from "./Moments";
import { schedule } from "./queries";
import { Runs } from "./Runs";
import { ScheduleState } from "./states";
import { jobWords, retentionWords } from "./words";

const TABS = [
  { key: "overview", label: "Overview" },
  { key: "history", label: "History" },
];
const LIST = "/storage/schedules";

export function SchedulePage() {
  const { name = "" } = useParams();
  const query = useQuery(schedule(name));
  if (query.error && toProblem(query.error).status === 404) return <Gone name={name} />;
  if (!query.data) {
    return query.error ? <ProblemNote error={query.error} retry={() => void query.refetch()} /> : <Loading />;
  }
  return <Shown row={query.data} />;
}

function Gone({ name }: { name: string }) {
  return (
    <>
      <PageHead title={name} up={{ to: LIST, label: "Schedules" }} />
      <div className="rounded border border-line bg-surface">
        <Empty title={`There is no schedule “${name}”`}>
          <p>If it was here before, its last changes below say what became of it.</p>
          <Link to={LIST}>To the schedules</Link>
        </Empty>
      </div>
      <LastChanges address={`storage.schedule.${name}`} limit={10} />
    </>
  );
}

function Shown({ row }: { row: Schedule }) {
  const navigate = useNavigate();
  const may = { operate: useMay("operate"), administer: useMay("administer") };
  const names = (useQuery(pools).data ?? []).map(({ name }) => name);
  const tab = useTab(TABS);
  const address = `storage.schedule.${row.name}`;
  return (
    <>
      <PageHead
        up={{ to: LIST, label: "Schedules" }}
        title={row.name}
        state={<ScheduleState row={row} />}
        about={`${jobWords(row)}. ${row.words}.`}
        actions={
          <ActionBar
            label={`More for ${row.name}`}
            offers={scheduleOffers(row, { may, pools: names, onGone: () => void navigate(LIST) })}
          />
        }
      />
      <AlertNotes address={address} />
      {row.problem && <Notice tone="bad" label="Problem" title={row.problem}>Point it to something that exists, or delete it.</Notice>}
      <Tabs tabs={TABS} label={`Parts of ${row.name}`} />
      {tab === "overview" && <Overview row={row} />}
      {tab === "history" && <LastChanges address={address} limit={50} />}
    </>
  );
}

function Overview({ row }: { row: Schedule }) {
  return (
    <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_24rem]">
      <Runs name={row.name} kind={row.job.kind} />
      <div className="grid gap-4 sm:grid-cols-2 xl:grid-cols-1">
        <Card title="Next runs">
          <div className="p-3">
            {row.next_runs.length > 0 ? <Moments times={row.next_runs} zone={row.when.timezone} /> : <p className="text-muted">None: it is disabled.</p>}
          </div>
        </Card>
        <Card title="What it does">
          <Facts facts={facts(row)} />
        </Card>
      </div>
    </div>
  );
}

function facts(row: Schedule): [string, ReactNode][] {
  const { job, when } = row;
  const made: [string, ReactNode][] = [
    ["When", <Mono>{when.cron}</Mono>],
    ["Time zone", when.timezone],
    ["Made up for", when.make_up_hours > 0 ? `within ${when.make_up_hours} h` : "never"],
    ["Changed", <Time value={row.changed_at} />],
  ];
  if (job.kind === "scrub") {
    return [
      ["Pool", <Link to={`/storage/pools/${encodeURIComponent(job.pool)}`}>{job.pool}</Link>],
      ["Scrubs", `when the last one is older than ${job.older_than_days} days`],
      ...made,
    ];
  }
  return [
    ["Dataset", <Link to={`/storage/datasets?under=${encodeURIComponent(job.dataset)}`}><Mono>{job.dataset}</Mono></Link>],
    ["Below it", job.recursive ? (job.exclude.length > 0 ? `all but ${job.exclude.join(", ")}` : "all") : "nothing"],
    ["Keeps", retentionWords(job.retention)],
    ["Names", <Mono>{job.naming}</Mono>],
    ["Unchanged", job.skip_unchanged ? "no snapshot" : "a snapshot all the same"],
    ["Snapshots", <Link to={`/storage/snapshots?schedule=${encodeURIComponent(row.name)}`}>Those that it made</Link>],
    ...made,
  ];
}
