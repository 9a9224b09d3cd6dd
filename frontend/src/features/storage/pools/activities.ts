// What goes on in a pool, so that a person can take it in: disks that do the same count as one piece of work.
import type { Pool } from "../../../api/types";

type Activity = Pool["activities"][number];

export const ACTIVITY_WORDS: Record<Activity["kind"], string> = {
  scrub: "Scrub",
  resilver: "Resilver",
  replace: "Replacement",
  remove: "Removal of a vdev",
  expand: "Widening of a RAID-Z",
  trim: "Trim",
  initialize: "Initialization",
};

export interface Work {
  kind: Activity["kind"];
  waits: boolean;
  /** `paused`, `suspended` or `in progress`. */
  state: string;
  /** The disks that it is about; empty for the pool as a whole. */
  vdevs: string[];
  percent: number;
  rate: number | null;
  seconds_to_go: number | null;
}

const FEW = 3; // disks that are told one by one, where there is room

/** ``few``: so many of a kind are told one by one, more of them as one. */
export function workIn(pool: Pool, few = FEW): Work[] {
  const groups = new Map<string, Activity[]>();
  for (const each of pool.activities) {
    const key = `${each.kind} ${waiting(each)}`;
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()].flatMap((group) => (group.length > few ? [together(group)] : group.map((each) => together([each]))));
}

function waiting({ state }: Activity): boolean {
  return state === "paused" || state === "suspended";
}

/** All of a group as one: as far as they are on the average, done when the last one is. */
function together(group: Activity[]): Work {
  const known = (values: (number | null)[]) => values.filter((value) => value !== null);
  const [rates, ends] = [known(group.map(({ rate }) => rate)), known(group.map((each) => each.seconds_to_go))];
  const [first] = group as [Activity, ...Activity[]];
  return {
    kind: first.kind,
    waits: waiting(first),
    state: waiting(first) ? first.state : "in progress",
    vdevs: group.map(({ vdev }) => vdev).filter(Boolean),
    percent: group.reduce((sum, { percent }) => sum + percent, 0) / group.length,
    rate: rates.length > 0 ? rates.reduce((sum, rate) => sum + rate, 0) : null,
    seconds_to_go: ends.length === group.length ? Math.max(...ends) : null,
  };
}
