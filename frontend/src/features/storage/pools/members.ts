// What can be done to a disk where it is in a pool, and to a vdev: each as its form and its command.
import { ArrowLeftRight, CircleCheck, Link2, Power, PowerOff, Trash2, Unlink } from "lucide-react";
import { post } from "../../../api/command";
import type { Disk, Pool, Vdev } from "../../../api/types";
import type { Offer } from "../../../ui/action/ActionBar";
import type { FieldSpec } from "../../../ui/action/fields";
import { flag, text } from "../../../ui/action/values";
import { diskField } from "../disks/DiskField";
import { versionOf } from "./actions";
import { shownName } from "./layout";

interface Place {
  pool: Pool;
  role: string;
  vdev: Vdev;
  /** What it is in; null for a top-level vdev. */
  parent: Vdev | null;
  /** The disk itself, of a group its first one; undefined when it is away. */
  disk: Disk | undefined;
}

/** How the API knows it: a disk by its id, whatever is away or a group by its guid. */
function nameOf(vdev: Vdev): string {
  return vdev.disk || vdev.guid || vdev.name;
}

const FORCE: FieldSpec = {
  kind: "check",
  name: "force",
  label: "Force",
  hint: "Accept traces of former use on the new disk, and that a healthy one is replaced.",
};

function replace({ pool, vdev, disk }: Place): Offer {
  return {
    label: "Replace…",
    icon: ArrowLeftRight,
    open: () => ({
      title: `Replace ${shownName(vdev)} in ${pool.name}`,
      verb: "Replace",
      fields: [diskField("new", "By", disk), FORCE],
      initial: { new: "", force: false },
      ask: (values) =>
        post("/api/v1/storage/pools/{name}/replace", {
          path: { name: pool.name },
          body: { old: nameOf(vdev), new: text(values, "new"), force: flag(values, "force") },
          version: () => versionOf(pool),
        }),
    }),
  };
}

function attach({ pool, vdev, disk }: Place): Offer {
  return {
    label: "Attach a disk…",
    icon: Link2,
    open: () => ({
      title: `Attach a disk to ${shownName(vdev)} in ${pool.name}`,
      verb: "Attach",
      about: "A disk alone becomes a mirror, a mirror gets one more side, a RAID-Z becomes wider.",
      fields: [diskField("disk", "Disk", disk), FORCE],
      initial: { disk: "", force: false },
      ask: (values) =>
        post("/api/v1/storage/pools/{name}/attach", {
          path: { name: pool.name },
          body: { to: nameOf(vdev), disk: text(values, "disk"), force: flag(values, "force") },
          version: () => versionOf(pool),
        }),
    }),
  };
}

function detach({ pool, vdev }: Place): Offer {
  return {
    label: "Detach…",
    icon: Unlink,
    danger: true,
    open: () => ({
      title: `Detach ${shownName(vdev)} from ${pool.name}`,
      verb: "Detach",
      about: "The disk leaves the pool and is free for something else; the others keep all data.",
      fields: [{ kind: "check", name: "force", label: "Force", hint: "Also when no redundancy is left then." }],
      initial: { force: false },
      ask: (values) =>
        post("/api/v1/storage/pools/{name}/detach", {
          path: { name: pool.name },
          body: { disk: nameOf(vdev), force: flag(values, "force") },
          version: () => versionOf(pool),
        }),
    }),
  };
}

function offline({ pool, vdev }: Place): Offer {
  return {
    label: "Take offline…",
    icon: PowerOff,
    open: () => ({
      title: `Take ${shownName(vdev)} of ${pool.name} offline`,
      verb: "Take offline",
      fields: [{ kind: "check", name: "temporary", label: "Only until the next start or import" }],
      initial: { temporary: false },
      ask: (values) =>
        post("/api/v1/storage/pools/{name}/offline", {
          path: { name: pool.name },
          body: { disk: nameOf(vdev), temporary: flag(values, "temporary") },
        }),
    }),
  };
}

function online({ pool, vdev }: Place): Offer {
  return {
    label: "Bring online…",
    icon: Power,
    open: () => ({
      title: `Bring ${shownName(vdev)} of ${pool.name} online`,
      verb: "Bring online",
      fields: [{ kind: "check", name: "expand", label: "Use the whole of it if it is bigger now" }],
      initial: { expand: false },
      ask: (values) =>
        post("/api/v1/storage/pools/{name}/online", {
          path: { name: pool.name },
          body: { disk: nameOf(vdev), expand: flag(values, "expand") },
        }),
    }),
  };
}

function clear({ pool, vdev }: Place): Offer {
  return {
    label: "Clear its errors",
    icon: CircleCheck,
    open: () => ({
      title: `Clear the errors of ${shownName(vdev)} in ${pool.name}`,
      verb: "Clear",
      ask: () =>
        post("/api/v1/storage/pools/{name}/clear", { path: { name: pool.name }, body: { disk: nameOf(vdev) } }),
    }),
  };
}

function remove({ pool, vdev }: Place): Offer {
  return {
    label: "Remove…",
    icon: Trash2,
    danger: true,
    open: () => ({
      title: `Remove ${shownName(vdev)} from ${pool.name}`,
      verb: "Remove",
      about: "What it holds is copied to the others first, which takes a while.",
      ask: () =>
        post("/api/v1/storage/pools/{name}/remove", {
          path: { name: pool.name },
          body: { action: "start", vdev: nameOf(vdev) },
          version: () => versionOf(pool),
        }),
    }),
  };
}

const errors = (vdev: Vdev) => (vdev.read ?? 0) + (vdev.write ?? 0) + (vdev.checksum ?? 0);

/** What makes sense at this place, for one with these permissions. */
export function memberOffers(
  place: Place,
  may: { operate: boolean; administer: boolean },
): Offer[] {
  const { role, vdev, parent } = place;
  const leaf = vdev.children.length === 0;
  const stored = role !== "cache" && role !== "spare";
  const off = vdev.state === "OFFLINE" || vdev.state === "REMOVED" || vdev.state === "UNAVAIL";
  const offers: (Offer | false)[] = [
    may.operate && leaf && off && online(place),
    may.operate && leaf && (errors(vdev) > 0 || vdev.state === "FAULTED") && clear(place),
    may.administer && leaf && stored && replace(place),
    may.administer && stored && (parent === null || parent.name.startsWith("mirror")) && attach(place),
    may.administer && leaf && stored && vdev.state === "ONLINE" && parent !== null && offline(place),
    may.administer && leaf && parent !== null && /^(mirror|replacing|spare)/.test(parent.name) && detach(place),
    may.administer && parent === null && !/^d?raid/.test(vdev.name) && remove(place),
  ];
  return offers.filter((offer) => offer !== false);
}
