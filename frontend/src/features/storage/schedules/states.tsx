// The state of a schedule and of its runs.
import { Ban, Pause } from "lucide-react";
import type { Schedule, ScheduleRun } from "../../../api/types";
import { Badge, type Tone } from "../../../ui/Badge";

const RUNS: Record<string, Tone> = { ran: "ok", running: "busy", failed: "bad", missed: "warn", skipped: "unknown" };

export function RunState({ run }: { run: ScheduleRun }) {
  return (
    <Badge tone={RUNS[run.state] ?? "unknown"} title={run.detail} {...(run.state === "skipped" ? { icon: Ban } : {})}>
      {run.state}
    </Badge>
  );
}

export function ScheduleState({ row }: { row: Schedule }) {
  if (row.problem) {
    return (
      <Badge tone="bad" title={row.problem}>
        can’t run
      </Badge>
    );
  }
  if (row.enabled) return <Badge tone="ok">enabled</Badge>;
  return (
    <Badge tone="unknown" icon={Pause}>
      disabled
    </Badge>
  );
}
