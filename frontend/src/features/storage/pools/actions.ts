// What can be done to a pool as a whole: each as its form and its command.
import {
  ArrowUpFromLine,
  BookmarkCheck,
  CircleCheck,
  Maximize2,
  HardDriveUpload,
  Plus,
  Settings,
  Trash2,
} from "lucide-react";
import { answered, client } from "../../../api/client";
import { del, patch, post } from "../../../api/command";
import { Problem } from "../../../api/problem";
import type { Pool, PoolProperty } from "../../../api/types";
import type { Offer } from "../../../ui/action/ActionBar";
import type { Action } from "../../../ui/action/CommandDialog";
import { flag, text } from "../../../ui/action/values";
import { propertyFields, propertyValues } from "./properties";
import { NEW_VDEV, VDEV_FIELDS, vdevsOf } from "./VdevsField";
import { removalOffers, scrubOffers, spreadOffers } from "./work";

type Version = () => Promise<number>;

export const createPool: Action = {
  title: "Create pool",
  verb: "Create",
  fields: [
    {
      kind: "text",
      name: "name",
      label: "Name",
      mono: true,
      required: "A pool needs a name.",
      hint: "Begins with a letter; letters, digits and _ - . : may follow.",
    },
    ...VDEV_FIELDS,
  ],
  initial: { name: "", vdevs: [NEW_VDEV], force: false },
  ask: (values) =>
    post("/api/v1/storage/pools", {
      path: {},
      body: { name: text(values, "name"), vdevs: vdevsOf(values), properties: {}, filesystem_properties: {}, force: flag(values, "force") },
    }),
};

/** The pool's version now. Throws a Problem when the name belongs to another pool by now. */
export async function versionOf({ id, name }: Pool): Promise<number> {
  const now = await answered(client.GET("/api/v1/storage/pools/{name}", { params: { path: { name } } }));
  if (now.id === id) return now.version;
  throw new Problem({
    title: `“${name}” is another pool now than the one that this page showed.`,
    status: 412,
    code: "another_pool",
    hint: "Close this, look at it, and decide anew.",
  });
}

function clear({ name }: Pool): Offer {
  return {
    label: "Clear errors",
    icon: CircleCheck,
    open: () => ({
      title: `Clear the errors of ${name}`,
      verb: "Clear",
      ask: () => post("/api/v1/storage/pools/{name}/clear", { path: { name }, body: {} }),
    }),
  };
}

function add(pool: Pool, version: Version): Offer {
  return {
    label: "Add vdevs…",
    icon: Plus,
    open: () => ({
      title: `Add vdevs to ${pool.name}`,
      verb: "Add",
      about: "A vdev that was added by mistake can often not be taken out again. The plan says what redundancy results.",
      fields: VDEV_FIELDS,
      initial: { vdevs: [NEW_VDEV], force: false },
      ask: (values) =>
        post("/api/v1/storage/pools/{name}/add", {
          path: { name: pool.name },
          body: { vdevs: vdevsOf(values), force: flag(values, "force") },
          version,
        }),
    }),
  };
}

function settings(pool: Pool, rules: readonly PoolProperty[], version: Version): Offer {
  return {
    label: "Properties…",
    icon: Settings,
    open: () => ({
      title: `Properties of ${pool.name}`,
      verb: "Set",
      fields: propertyFields(rules),
      initial: { ...pool.properties },
      ask: (values) =>
        patch("/api/v1/storage/pools/{name}", {
          path: { name: pool.name },
          body: { properties: propertyValues(rules, pool.properties, values) },
          version,
        }),
    }),
  };
}

function checkpoint({ name, checkpoint: has }: Pool): Offer {
  const [label, verb] = has ? ["Discard checkpoint…", "Discard"] : ["Make checkpoint…", "Make"];
  return {
    label,
    icon: BookmarkCheck,
    open: () => ({
      title: `${label.replace("…", "")} of ${name}`,
      verb,
      ask: () =>
        post("/api/v1/storage/pools/{name}/checkpoint", { path: { name }, body: { action: has ? "discard" : "make" } }),
    }),
  };
}

function upgrade({ name }: Pool): Offer {
  return {
    label: "Enable new features…",
    icon: HardDriveUpload,
    open: () => ({
      title: `Enable new features in ${name}`,
      verb: "Enable",
      ask: () => post("/api/v1/storage/pools/{name}/upgrade", { path: { name }, body: {} }),
    }),
  };
}

function expand({ name }: Pool): Offer {
  return {
    label: "Use whole disks…",
    icon: Maximize2,
    open: () => ({
      title: `Use the whole of the disks of ${name}`,
      verb: "Expand",
      ask: () => post("/api/v1/storage/pools/{name}/expand", { path: { name }, body: { disks: [] } }),
    }),
  };
}

function takeOut(pool: Pool, onGone: () => void): Offer {
  return {
    label: "Export…",
    icon: ArrowUpFromLine,
    danger: true,
    onDone: onGone,
    open: () => ({
      title: `Export pool ${pool.name}`,
      verb: "Export",
      about: "The pool leaves this box whole: its disks can be moved, and it can be imported again.",
      fields: [{ kind: "check", name: "force", label: "Unmount file systems that are in use" }],
      initial: { force: false },
      ask: (values) =>
        post("/api/v1/storage/pools/{name}/export", {
          path: { name: pool.name },
          body: { force: flag(values, "force") },
          version: () => versionOf(pool),
        }),
    }),
  };
}

function destroy(pool: Pool, onGone: () => void): Offer {
  return {
    label: "Destroy…",
    icon: Trash2,
    danger: true,
    onDone: onGone,
    open: () => ({
      title: `Destroy pool ${pool.name}`,
      verb: "Destroy",
      ask: () => del("/api/v1/storage/pools/{name}", { path: { name: pool.name }, version: () => versionOf(pool) }),
    }),
  };
}

interface Given {
  may: { operate: boolean; administer: boolean };
  rules: readonly PoolProperty[];
  /** After it was destroyed or exported. */
  onGone: () => void;
}

/** What one with these permissions may do to a pool. */
export function poolOffers(pool: Pool, { may, rules, onGone }: Given): Offer[] {
  const version = () => versionOf(pool);
  const operating = [...scrubOffers(pool), clear(pool)];
  const administering = [
    add(pool, version),
    settings(pool, rules, version),
    ...spreadOffers(pool, "trim"),
    ...spreadOffers(pool, "initialize"),
    ...removalOffers(pool),
    checkpoint(pool),
    expand(pool),
    ...(pool.upgradable ? [upgrade(pool)] : []),
    takeOut(pool, onGone),
    destroy(pool, onGone),
  ];
  return [...(may.operate ? operating : []), ...(may.administer ? administering : [])];
}
