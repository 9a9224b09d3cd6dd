// What can be done to a pool: each as its form and its command.
import { Pause, Play, Square, Trash2 } from "lucide-react";
import { answered, client } from "../../../api/client";
import { type Ask, del, post } from "../../../api/command";
import { Problem } from "../../../api/problem";
import type { CreatePool, Pool, ScrubAction } from "../../../api/types";
import type { Offer } from "../../../ui/action/ActionBar";

const SCRUBS: Record<ScrubAction, { word: string; icon: typeof Play; title: string }> = {
  start: { word: "Scrub", icon: Play, title: "Start a scrub of" },
  pause: { word: "Pause scrub", icon: Pause, title: "Pause the scrub of" },
  stop: { word: "Stop scrub", icon: Square, title: "Stop the scrub of" },
};

export function createPool(body: Omit<CreatePool, "reason">): Ask {
  return post("/api/v1/storage/pools", { path: {}, body });
}

/** The pool's version now. Throws a Problem when the name belongs to another pool by now. */
async function versionOf({ id, name }: Pool): Promise<number> {
  const now = await answered(client.GET("/api/v1/storage/pools/{name}", { params: { path: { name } } }));
  if (now.id === id) return now.version;
  throw new Problem({
    title: `“${name}” is another pool now than the one that this page showed.`,
    status: 412,
    code: "another_pool",
    hint: "Close this, look at it, and decide anew.",
  });
}

function scrubs(pool: Pool): ScrubAction[] {
  if (pool.scan?.function !== "scrub") return ["start"];
  if (pool.scan.state === "in_progress") return ["pause", "stop"];
  if (pool.scan.state === "paused") return ["start", "stop"];
  return ["start"];
}

function scrub(action: ScrubAction, pool: Pool): Offer {
  const { word, icon, title } = SCRUBS[action];
  const verb = action === "start" && pool.scan?.state === "paused" ? "Resume scrub" : word;
  return {
    label: verb,
    icon,
    prominent: true,
    open: () => ({
      title: `${title} ${pool.name}`,
      verb,
      ask: () => post("/api/v1/storage/pools/{name}/scrub", { path: { name: pool.name }, body: { action } }),
    }),
  };
}

function destroy(pool: Pool, onGone: () => void): Offer {
  return {
    onDone: onGone,
    label: "Destroy…",
    icon: Trash2,
    danger: true,
    open: () => ({
      title: `Destroy pool ${pool.name}`,
      verb: "Destroy",
      ask: () =>
        del("/api/v1/storage/pools/{name}", { path: { name: pool.name }, version: () => versionOf(pool) }),
    }),
  };
}

/** What one with these permissions may do to a pool. ``onGone``: after it was destroyed. */
export function poolOffers(pool: Pool, may: { operate: boolean; administer: boolean }, onGone: () => void): Offer[] {
  const operating = may.operate ? scrubs(pool).map((action) => scrub(action, pool)) : [];
  return may.administer ? [...operating, destroy(pool, onGone)] : operating;
}
