// Long work in a pool: what can be started, stopped for a while and ended, by what goes on in it now.
import { Pause, Play, Scissors, Sparkles, Square } from "lucide-react";
import { post } from "../../../api/command";
import type { Pool, ScrubAction } from "../../../api/types";
import type { Offer } from "../../../ui/action/ActionBar";

const SCRUBS: Record<ScrubAction, { word: string; icon: typeof Play; title: string }> = {
  start: { word: "Scrub", icon: Play, title: "Start a scrub of" },
  pause: { word: "Pause scrub", icon: Pause, title: "Pause the scrub of" },
  stop: { word: "Stop scrub", icon: Square, title: "Stop the scrub of" },
};

function scrubs(pool: Pool): ScrubAction[] {
  if (pool.scan?.function !== "scrub") return ["start"];
  if (pool.scan.state === "in_progress") return ["pause", "stop"];
  if (pool.scan.state === "paused") return ["start", "stop"];
  return ["start"];
}

export function scrubOffers(pool: Pool): Offer[] {
  return scrubs(pool).map((action) => {
    const { word, icon, title } = SCRUBS[action];
    const resume = action === "start" && pool.scan?.state === "paused";
    const verb = resume ? "Resume scrub" : word;
    return {
      label: verb,
      icon,
      prominent: true,
      open: () => ({
        title: `${resume ? "Resume the scrub of" : title} ${pool.name}`,
        verb,
        ask: () => post("/api/v1/storage/pools/{name}/scrub", { path: { name: pool.name }, body: { action } }),
      }),
    };
  });
}

/** Work that goes over each disk by itself. */
type Spread = "trim" | "initialize";

const SPREADS = {
  trim: { start: "Trim", work: "trim", icon: Scissors, about: "Tells the disks which blocks are free; SSDs stay fast by it." },
  initialize: {
    start: "Initialize",
    work: "initialization",
    icon: Sparkles,
    about: "Writes to all free space once, so that later writes find it allocated.",
  },
} as const;

function spread(pool: Pool, kind: Spread, action: "start" | "suspend" | "cancel", label: string, icon: typeof Play): Offer {
  const body = { action, disks: [] };
  const path = { name: pool.name };
  return {
    label,
    icon,
    open: () => ({
      title: label === SPREADS[kind].start ? `${label} ${pool.name}` : `${label} of ${pool.name}`,
      verb: label,
      ...(action === "start" ? { about: SPREADS[kind].about } : {}),
      ask: () =>
        kind === "trim"
          ? post("/api/v1/storage/pools/{name}/trim", { path, body })
          : post("/api/v1/storage/pools/{name}/initialize", { path, body }),
    }),
  };
}

/** One way to start it; while it goes on or is suspended, the ways to suspend, resume and cancel it. */
export function spreadOffers(pool: Pool, kind: Spread): Offer[] {
  const { start, work, icon } = SPREADS[kind];
  const going = pool.activities.filter((each) => each.kind === kind);
  const suspended = going.some((each) => each.state === "suspended");
  const active = going.some((each) => each.state !== "suspended");
  return [
    ...(going.length === 0 ? [spread(pool, kind, "start", start, icon)] : []),
    ...(suspended ? [spread(pool, kind, "start", `Resume ${work}`, Play)] : []),
    ...(active ? [spread(pool, kind, "suspend", `Suspend ${work}`, Pause)] : []),
    ...(going.length > 0 ? [spread(pool, kind, "cancel", `Cancel ${work}`, Square)] : []),
  ];
}

/** The way back while a vdev is still being emptied. */
export function removalOffers({ name, activities }: Pool): Offer[] {
  if (!activities.some(({ kind }) => kind === "remove")) return [];
  return [
    {
      label: "Cancel removal",
      icon: Square,
      open: () => ({
        title: `Cancel the removal of a vdev from ${name}`,
        verb: "Cancel removal",
        about: "What was copied from it already is dropped; the vdev stays as it is.",
        ask: () =>
          post("/api/v1/storage/pools/{name}/remove", { path: { name }, body: { action: "cancel", vdev: null } }),
      }),
    },
  ];
}
