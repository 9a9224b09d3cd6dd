// What goes on in a pool beside scrub and resilver: trim, initialize, removal, a wider RAID-Z.
import type { Disk, Pool } from "../../../api/types";
import { Badge } from "../../../ui/Badge";
import { Mono } from "../../../ui/Page";
import { ProgressLine } from "../../operations/ProgressLine";

const WORDS: Record<Pool["activities"][number]["kind"], string> = {
  scrub: "Scrub",
  resilver: "Resilver",
  replace: "Replacement",
  remove: "Removal of a vdev",
  expand: "Widening of a RAID-Z",
  trim: "Trim",
  initialize: "Initialization",
};

/** Without the scan, which has a card of its own. */
export function otherActivities(pool: Pool): Pool["activities"] {
  return pool.activities.filter(({ kind }) => kind !== "scrub" && kind !== "resilver");
}

export function ActivityList({ pool, disks }: { pool: Pool; disks: ReadonlyMap<string, Disk> }) {
  return (
    <ul>
      {otherActivities(pool).map((each) => {
        const paused = each.state === "paused" || each.state === "suspended";
        const progress = {
          percent: each.percent,
          done: null,
          total: null,
          rate: each.rate,
          eta_seconds: each.seconds_to_go,
        };
        return (
          <li key={`${each.kind} ${each.vdev}`} className="flex flex-col gap-1.5 border-b border-line p-3 last:border-0">
            <p className="flex flex-wrap items-center gap-2">
              <Badge tone={paused ? "warn" : "busy"}>{paused ? each.state : "in progress"}</Badge>
              {WORDS[each.kind]}
              {each.vdev && <Mono>{disks.get(each.vdev)?.name ?? each.vdev}</Mono>}
            </p>
            <ProgressLine progress={progress} label={`${WORDS[each.kind]} ${each.vdev}`.trim()} />
          </li>
        );
      })}
    </ul>
  );
}
