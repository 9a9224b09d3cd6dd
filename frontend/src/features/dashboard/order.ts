// What stands first on the dashboard, and which disks stand there at all.
import type { Disk, Pool } from "../../api/types";
import { hot } from "../storage/disks/DiskState";

/** Pools that are not well, then the fullest. */
export function worstFirst(all: readonly Pool[]): Pool[] {
  return [...all].sort(
    (a, b) =>
      Number(a.state === "ONLINE") - Number(b.state === "ONLINE") ||
      (b.usage?.capacity ?? 0) - (a.usage?.capacity ?? 0) ||
      a.name.localeCompare(b.name),
  );
}

const WELL = new Set(["ONLINE", "AVAIL", "INUSE", "OFFLINE"]);

/** Broken, failing, too warm, half wiped, or with errors in its pool. */
export function needy(disk: Disk): boolean {
  const { place } = disk;
  const errors = (place?.read ?? 0) + (place?.write ?? 0) + (place?.checksum ?? 0);
  const unwell = place !== null && !WELL.has(place.state);
  const partly = disk.last_wipe?.state === "partly" && disk.pool === null;
  return disk.broken || disk.failing || hot(disk) || partly || errors > 0 || unwell;
}
