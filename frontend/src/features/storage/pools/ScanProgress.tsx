// The latest scrub or resilver: progress while it goes on, its result afterwards.
import type { Pool } from "../../../api/types";
import { Badge, type Tone } from "../../../ui/Badge";
import { Bar } from "../../../ui/Bar";
import { atUnix, clock, duration } from "../../../ui/time";
import { Time, useNow } from "../../../ui/Time";

const STATES: Record<string, { tone: Tone; word: string }> = {
  in_progress: { tone: "busy", word: "in progress" },
  paused: { tone: "warn", word: "paused" },
  finished: { tone: "ok", word: "finished" },
  canceled: { tone: "unknown", word: "stopped" },
};

function percentOf(pool: Pool): string {
  const percent = pool.usage?.scan_percent;
  return percent == null ? "" : `${percent.toFixed(1)} %`;
}

/** One line, for the list. */
export function ScanLine({ pool }: { pool: Pool }) {
  const { scan } = pool;
  if (!scan) return <span className="text-muted">never</span>;
  const { tone, word } = STATES[scan.state] ?? { tone: "unknown", word: scan.state };
  const errors = scan.state === "finished" && scan.errors ? scan.errors : 0;
  return (
    <span className="flex items-center gap-2">
      <Badge tone={errors > 0 ? "warn" : tone}>{`${scan.function} ${word}`}</Badge>
      {scan.state === "in_progress" || scan.state === "paused" ? percentOf(pool) : null}
      {scan.ended_at !== null && <Time value={atUnix(scan.ended_at)} />}
    </span>
  );
}

export function ScanBlock({ pool }: { pool: Pool }) {
  const { scan } = pool;
  if (!scan) {
    return <p className="p-3 text-muted">No scrub yet. A scrub reads all data and repairs what is wrong.</p>;
  }
  const open = scan.state === "in_progress" || scan.state === "paused";
  return (
    <div className="flex flex-col gap-2 p-3">
      <ScanLine pool={pool} />
      {open && pool.usage?.scan_percent != null && (
        <Bar
          percent={pool.usage.scan_percent}
          label={`${scan.function} progress`}
          tone={scan.state === "paused" ? "warn" : "busy"}
        />
      )}
      {scan.state === "in_progress" && <Eta seconds={pool.usage?.scan_seconds_to_go ?? null} />}
      {scan.started_at !== null && (
        <p className="text-muted">
          Started <Time value={atUnix(scan.started_at)} />
        </p>
      )}
      {scan.errors !== null && (
        <p className={scan.errors > 0 ? "text-warn" : "text-muted"}>
          {scan.errors === 0 ? "No errors found" : `${scan.errors} errors found`}
        </p>
      )}
    </div>
  );
}

function Eta({ seconds }: { seconds: number | null }) {
  const now = useNow();
  if (seconds === null) return <p className="text-muted">No estimate yet</p>;
  const end = new Date(now.getTime() + seconds * 1000);
  return (
    <p className="text-muted">
      Ends about {clock(end)} (in {duration(seconds * 1000)})
    </p>
  );
}
