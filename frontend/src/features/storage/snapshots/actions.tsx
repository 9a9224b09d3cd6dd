// What can be done to snapshots: each as its form and its command.
import { Bookmark, Copy, GitCompare, Lock, LockOpen, Pencil, Trash2, Undo2 } from "lucide-react";
import { post } from "../../../api/command";
import type { Snapshot } from "../../../api/types";
import type { Offer } from "../../../ui/action/ActionBar";
import type { Action } from "../../../ui/action/CommandDialog";
import type { FieldSpec } from "../../../ui/action/fields";
import { flag, text } from "../../../ui/action/values";
import { LaterSnapshot } from "./LaterSnapshot";

const RECURSIVE: FieldSpec = { kind: "check", name: "recursive", label: "And of everything below", hint: "All at one moment." };
const PROTECTED = [
  { value: "refuse", label: "refuse, and name them" },
  { value: "skip", label: "leave them" },
  { value: "defer", label: "destroy them when nothing needs them any more" },
] as const;

export function takeSnapshot(datasets: string[]): Action {
  return {
    title: datasets.length === 1 ? `Snapshot of ${datasets[0] ?? ""}` : `Snapshot of ${datasets.length} datasets`,
    verb: "Take snapshot",
    fields: [{ kind: "text", name: "name", label: "Name", mono: true, hint: "What stands behind the @." }, RECURSIVE],
    initial: { name: `manual-${new Date().toISOString().slice(0, 16).replaceAll(":", "")}`, recursive: false },
    ask: (values) =>
      post("/api/v1/storage/snapshots", {
        path: {},
        body: { datasets, name: text(values, "name"), recursive: flag(values, "recursive") },
      }),
  };
}

export function destroySnapshots(names: string[]): Action {
  return {
    title: names.length === 1 ? `Destroy snapshot ${names[0] ?? ""}` : `Destroy ${names.length} snapshots`,
    verb: "Destroy",
    fields: [{ kind: "choice", name: "protected", label: "Those that are held or have clones", options: PROTECTED }],
    initial: { protected: "refuse" },
    ask: (values) =>
      post("/api/v1/storage/snapshots/destroy", {
        path: {},
        body: { names, protected: PROTECTED.find((each) => each.value === values.protected)?.value ?? "refuse" },
      }),
  };
}

const LOSING = [
  { value: "nothing", label: "nothing: refuse unless it is the latest snapshot" },
  { value: "newer", label: "all later snapshots and bookmarks" },
  { value: "clones", label: "all later snapshots and bookmarks, and their clones" },
] as const;

function rollback(row: Snapshot): Action {
  return {
    title: `Roll ${row.dataset} back to ${row.name}`,
    verb: "Roll back",
    about: "What was written to the dataset since then is lost. The plan lists exactly what goes with it.",
    fields: [{ kind: "choice", name: "losing", label: "It may destroy", options: LOSING }],
    initial: { losing: "nothing" },
    ask: (values) =>
      post("/api/v1/storage/snapshots/rollback", {
        path: {},
        body: {
          snapshot: row.full_name,
          losing: LOSING.find((each) => each.value === values.losing)?.value ?? "nothing",
        },
      }),
  };
}

function hold(row: Snapshot): Action {
  return {
    title: `Hold ${row.full_name}`,
    verb: "Hold",
    about: "A held snapshot can't be destroyed until it is released.",
    fields: [{ kind: "text", name: "tag", label: "Tag", mono: true, required: "A hold needs a tag." }, RECURSIVE],
    initial: { tag: "keep", recursive: false },
    ask: (values) =>
      post("/api/v1/storage/snapshots/hold", {
        path: {},
        body: { snapshots: [row.full_name], tag: text(values, "tag"), recursive: flag(values, "recursive") },
      }),
  };
}

function release(row: Snapshot): Action {
  return {
    title: `Release ${row.full_name}`,
    verb: "Release",
    fields: [
      { kind: "choice", name: "tag", label: "Tag", options: row.holds.map((tag) => ({ value: tag, label: tag })) },
      RECURSIVE,
    ],
    initial: { tag: row.holds[0] ?? "", recursive: false },
    ask: (values) =>
      post("/api/v1/storage/snapshots/release", {
        path: {},
        body: { snapshots: [row.full_name], tag: text(values, "tag"), recursive: flag(values, "recursive") },
      }),
  };
}

function rename(row: Snapshot): Action {
  return {
    title: `Rename ${row.full_name}`,
    verb: "Rename",
    fields: [{ kind: "text", name: "name", label: "New name", mono: true, hint: "What stands behind the @." }, RECURSIVE],
    initial: { name: row.name, recursive: false },
    ask: (values) =>
      post("/api/v1/storage/snapshots/rename", {
        path: {},
        body: { snapshot: row.full_name, name: text(values, "name"), recursive: flag(values, "recursive") },
      }),
  };
}

function clone(row: Snapshot): Action {
  return {
    title: `Clone ${row.full_name}`,
    verb: "Clone",
    about: "A new dataset that begins as the snapshot is and shares its blocks; the snapshot stays as long as the clone does.",
    fields: [
      { kind: "text", name: "name", label: "Full name of the new dataset", mono: true, required: "The new dataset needs a name.", hint: `In the same pool, as in ${row.dataset}-copy.` },
    ],
    initial: { name: "" },
    ask: (values) =>
      post("/api/v1/storage/snapshots/clone", {
        path: {},
        body: { snapshot: row.full_name, name: text(values, "name"), properties: {} },
      }),
  };
}

function bookmark(row: Snapshot): Action {
  return {
    title: `Bookmark ${row.full_name}`,
    verb: "Bookmark",
    about: "A bookmark remembers the moment without its data, so that later changes can still be sent from it.",
    fields: [{ kind: "text", name: "name", label: "Name", mono: true, hint: "What stands behind the #." }],
    initial: { name: row.name },
    ask: (values) =>
      post("/api/v1/storage/bookmarks", { path: {}, body: { snapshot: row.full_name, name: text(values, "name") } }),
  };
}

function compare(row: Snapshot): Action {
  return {
    title: `Compare ${row.full_name}`,
    verb: "Compare",
    fields: [
      { kind: "custom", name: "to", label: "With", render: (given) => <LaterSnapshot {...given} row={row} /> },
    ],
    initial: { to: "" },
    ask: (values) =>
      post("/api/v1/storage/snapshots/diff", {
        path: {},
        body: { snapshot: row.full_name, to: text(values, "to") || null },
      }),
  };
}

/** What one with these permissions may do to a snapshot. */
export function snapshotOffers(row: Snapshot, may: { operate: boolean; administer: boolean }): Offer[] {
  const operating: Offer[] = [{ label: "Compare…", icon: GitCompare, open: () => compare(row) }];
  const administering: Offer[] = [
    { label: "Clone…", icon: Copy, open: () => clone(row) },
    { label: "Roll back…", icon: Undo2, open: () => rollback(row) },
    { label: "Hold…", icon: Lock, open: () => hold(row) },
    ...(row.holds.length > 0 ? [{ label: "Release…", icon: LockOpen, open: () => release(row) }] : []),
    { label: "Bookmark…", icon: Bookmark, open: () => bookmark(row) },
    { label: "Rename…", icon: Pencil, open: () => rename(row) },
    { label: "Destroy…", icon: Trash2, danger: true, open: () => destroySnapshots([row.full_name]) },
  ];
  return [...(may.operate ? operating : []), ...(may.administer ? administering : [])];
}

