// What a schedule would do, told while it is still being filled in.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { toProblem } from "../../../api/problem";
import type { Judged, SchedulePreview, ScheduleWish } from "../../../api/types";
import { Bytes } from "../../../ui/Bytes";
import { Mono } from "../../../ui/Page";
import { Time } from "../../../ui/Time";
import { preview } from "./queries";
import { Moments } from "./Moments";

const PAUSE = 400; // ms without a change before it is asked for

export function Preview({ wish }: { wish: ScheduleWish }) {
  const asked = useSettled(wish);
  const whole = asked.name !== "" && (asked.job.kind === "scrub" ? asked.job.pool : asked.job.dataset) !== "";
  const { data, error } = useQuery({ ...preview(asked), enabled: whole });
  return (
    <section aria-label="What it would do" className="flex flex-col gap-3 rounded border border-line bg-bg p-3">
      <h3 className="text-xs font-medium text-muted">What it would do</h3>
      {!whole && <p className="text-muted">Give it a name and say what of; then this shows its times and what would expire.</p>}
      {whole && error && (
        <p role="status">
          {toProblem(error).message} <span className="text-muted">{toProblem(error).hint}</span>
        </p>
      )}
      {whole && !error && data && <Shown told={data} job={asked.job.kind} zone={asked.when.timezone} />}
      {whole && !error && !data && <p className="text-muted">Looking…</p>}
    </section>
  );
}

/** The wish when it has not changed for a moment. */
function useSettled(wish: ScheduleWish): ScheduleWish {
  const now = JSON.stringify(wish);
  const [settled, setSettled] = useState(now);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(now), PAUSE);
    return () => clearTimeout(timer);
  }, [now]);
  return JSON.parse(settled) as ScheduleWish;
}

function Shown({ told, job, zone }: { told: SchedulePreview; job: "snapshots" | "scrub"; zone: string }) {
  return (
    <>
      <div className="flex flex-col gap-1">
        <p className="font-medium">{told.words}</p>
        <Moments times={told.next_runs} zone={zone} />
      </div>
      {job === "snapshots" && (
        <>
          <p>
            {told.datasets.toLocaleString("en")} {told.datasets === 1 ? "dataset gets" : "datasets get"} a snapshot each time, the
            next one is <Mono>@{told.example}</Mono>.
          </p>
          <Group title="Would be destroyed" tone="text-bad" count={told.expiring_count} rows={told.expiring} bytes={told.expiring_bytes} open />
          <Group title="Have expired, but must stay" tone="text-warn" count={told.blocked_count} rows={told.blocked} />
          <Group title="Stay" tone="" count={told.kept_count} rows={told.kept} />
          {told.expiring_count + told.blocked_count + told.kept_count === 0 && (
            <p className="text-muted">There is no snapshot yet that belongs to it; nothing is destroyed.</p>
          )}
        </>
      )}
    </>
  );
}

interface GroupProps {
  title: string;
  tone: string;
  count: number;
  rows: readonly Judged[];
  bytes?: number;
  open?: boolean;
}

function Group({ title, tone, count, rows, bytes, open = false }: GroupProps) {
  if (count === 0) return null;
  return (
    <details open={open}>
      <summary className={`font-medium ${tone}`}>
        {title}: {count.toLocaleString("en")} {count === 1 ? "snapshot" : "snapshots"}
        {bytes !== undefined && bytes > 0 && (
          <>
            , they alone have <Bytes value={bytes} />
          </>
        )}
      </summary>
      <ul className="mt-1 max-h-48 overflow-y-auto rounded border border-line bg-surface">
        {rows.map((row) => (
          <li key={row.full_name} className="flex flex-wrap gap-x-3 border-b border-line px-2 py-1 last:border-0">
            <span className="min-w-0 flex-1 font-mono text-xs [overflow-wrap:anywhere]">{row.full_name}</span>
            <span className="text-xs text-muted">
              <Time value={row.created_at} />
            </span>
            {row.because && <span className="text-xs">{row.because}</span>}
          </li>
        ))}
        {rows.length < count && <li className="px-2 py-1 text-xs text-muted">and {(count - rows.length).toLocaleString("en")} more</li>}
      </ul>
    </details>
  );
}
