// What goes on in a pool beside scrub and resilver: trim, initialize, removal, a wider RAID-Z.
import type { Disk, Pool } from "../../../api/types";
import { Badge } from "../../../ui/Badge";
import { Mono } from "../../../ui/Page";
import { ProgressLine } from "../../operations/ProgressLine";
import { ACTIVITY_WORDS, type Work, workIn } from "./activities";

/** Without the scan, which has a card of its own. */
export function otherWork(pool: Pool): Work[] {
  return workIn(pool).filter(({ kind }) => kind !== "scrub" && kind !== "resilver");
}

export function ActivityList({ pool, disks }: { pool: Pool; disks: ReadonlyMap<string, Disk> }) {
  return (
    <ul>
      {otherWork(pool).map((work) => (
        <li
          key={`${work.kind} ${work.state} ${work.vdevs.join()}`}
          className="flex flex-col gap-1.5 border-b border-line p-3 last:border-0"
        >
          <p className="flex flex-wrap items-center gap-2">
            <Badge tone={work.waits ? "warn" : "busy"}>{work.state}</Badge>
            {ACTIVITY_WORDS[work.kind]}
            <Subjects vdevs={work.vdevs} disks={disks} />
          </p>
          <WorkProgress work={work} />
        </li>
      ))}
    </ul>
  );
}

function Subjects({ vdevs, disks }: { vdevs: string[]; disks: ReadonlyMap<string, Disk> }) {
  const names = vdevs.map((each) => disks.get(each)?.name ?? each);
  if (names.length === 0) return null;
  return names.length === 1 ? <Mono>{names[0]}</Mono> : <span title={names.join(", ")}>of {names.length} disks</span>;
}

export function WorkProgress({ work }: { work: Work }) {
  const { percent, rate, seconds_to_go } = work;
  const progress = { percent, done: null, total: null, rate: work.waits ? null : rate, eta_seconds: work.waits ? null : seconds_to_go };
  return <ProgressLine progress={progress} label={`${ACTIVITY_WORDS[work.kind]} ${work.vdevs.join(" ")}`.trim()} />;
}
