// What a pool's layout is worth, in words.
import type { Pool, Vdev } from "../../../api/types";

export const ROLES = ["data", "special", "dedup", "log", "cache", "spare"];

export const ROLE_WORDS: Record<string, string> = {
  data: "Data",
  special: "Special",
  dedup: "Deduplication",
  log: "Log",
  cache: "Cache",
  spare: "Spares",
};

/** Top-level vdevs by role, data first. */
export function vdevsOf(pool: Pool): [string, Vdev[]][] {
  const place = (role: string) => (ROLES.indexOf(role) + ROLES.length) % ROLES.length;
  return Object.entries(pool.layout)
    .filter(([, vdevs]) => vdevs.length > 0)
    .sort(([a], [b]) => place(a) - place(b));
}

/** A member that is away has only a number in ZFS; its disk's id says more. */
export function shownName({ name, disk }: Vdev): string {
  return /^\d+$/.test(name) && disk ? disk : name;
}

/** What is noted of a member, without where it was: its name says that. */
export function shownNote({ note, disk }: Vdev): string {
  return disk && note.startsWith("was ") ? "" : note;
}

/** `mirror`, `raidz2`, or `stripe` for a lone disk: the name without its number. */
function kindOf(vdev: Vdev): string {
  return vdev.children.length === 0 ? "stripe" : vdev.name.replace(/-\d+$/, "");
}

/** Whether a member carries its data: itself, or a spare or replacement that has taken its place. */
function well(member: Vdev): boolean {
  if (member.state === "ONLINE") return !member.note.includes("resilvering");
  return member.children.some(well);
}

/** How many more of its disks may fail, wherever they are, as it is now. */
function survives(vdev: Vdev): number {
  const kind = kindOf(vdev);
  const lost = vdev.children.filter((member) => !well(member)).length;
  if (kind === "mirror") return vdev.children.length - lost - 1;
  const parity = /^d?raidz?(\d)/.exec(kind)?.[1];
  return parity ? Number(parity) - lost : 0;
}

/** `2 × mirror · survives any 1 disk`; counts what is lost already. */
export function redundancy(pool: Pool): string {
  const data = vdevsOf(pool).find(([role]) => role === "data")?.[1] ?? [];
  if (data.length === 0) return "layout unknown";
  const counts = new Map<string, number>();
  for (const vdev of data) counts.set(kindOf(vdev), (counts.get(kindOf(vdev)) ?? 0) + 1);
  const kinds = [...counts].map(([kind, count]) => (count > 1 ? `${count} × ${kind}` : kind)).join(", ");
  const least = Math.min(...data.map(survives));
  const less = data.some((vdev) => !vdev.children.every(well));
  if (least <= 0) return `${kinds} · ${less ? "no redundancy left" : "no redundancy"}`;
  return `${kinds} · survives any ${least} ${less ? "more " : ""}disk${least > 1 ? "s" : ""}`;
}
