// What can be done to a dataset: each as its form and its command.
import { ArrowUp, Camera, Eject, FolderInput, Pencil, Plus, Settings, Trash2 } from "lucide-react";
import { answered, client } from "../../../api/client";
import { del, patch, post } from "../../../api/command";
import type { Dataset } from "../../../api/types";
import type { Offer } from "../../../ui/action/ActionBar";
import { flag, text } from "../../../ui/action/values";
import { takeSnapshot } from "../snapshots/actions";
import { createDataset } from "./create";
import { changesOf, editedOf } from "./drafts";
import { keyOffers } from "./keyActions";
import { changeFields } from "./PropertyFields";

const path = (row: Dataset) => ({ dataset_id: row.id });
const versionOf = (row: Dataset) => () =>
  answered(client.GET("/api/v1/storage/datasets/{dataset_id}", { params: { path: path(row) } })).then((now) => now.version);

function properties(row: Dataset): Offer {
  return {
    label: "Properties…",
    icon: Settings,
    prominent: true,
    open: () => ({
      title: `Properties of ${row.name}`,
      verb: "Set",
      fields: changeFields(row.id),
      ask: (values) =>
        patch("/api/v1/storage/datasets/{dataset_id}", {
          path: path(row),
          body: changesOf(editedOf(values.properties)),
          version: versionOf(row),
        }),
    }),
  };
}

function rename(row: Dataset): Offer {
  return {
    label: "Rename…",
    icon: Pencil,
    open: () => ({
      title: `Rename ${row.name}`,
      verb: "Rename",
      fields: [
        { kind: "text", name: "name", label: "New full name", mono: true, hint: `In the same pool; all below ${row.name} moves with it.` },
        { kind: "check", name: "parents", label: "Create what is missing above it" },
      ],
      initial: { name: row.name, parents: false },
      ask: (values) =>
        post("/api/v1/storage/datasets/{dataset_id}/rename", {
          path: path(row),
          body: { name: text(values, "name"), parents: flag(values, "parents") },
          version: versionOf(row),
        }),
    }),
  };
}

function promote(row: Dataset): Offer {
  return {
    label: "Promote…",
    icon: ArrowUp,
    open: () => ({
      title: `Promote ${row.name}`,
      verb: "Promote",
      about: `It becomes independent of ${row.origin}, whose dataset becomes its clone.`,
      ask: () => post("/api/v1/storage/datasets/{dataset_id}/promote", { path: path(row), body: {}, version: versionOf(row) }),
    }),
  };
}

function mount(row: Dataset): Offer {
  if (!row.mounted) {
    return {
      label: "Mount…",
      icon: FolderInput,
      open: () => ({
        title: `Mount ${row.name}`,
        verb: "Mount",
        ask: () => post("/api/v1/storage/datasets/{dataset_id}/mount", { path: path(row), body: {} }),
      }),
    };
  }
  return {
    label: "Unmount…",
    icon: Eject,
    open: () => ({
      title: `Unmount ${row.name}`,
      verb: "Unmount",
      fields: [{ kind: "check", name: "force", label: "Even when something uses it" }],
      initial: { force: false },
      ask: (values) =>
        post("/api/v1/storage/datasets/{dataset_id}/unmount", { path: path(row), body: { force: flag(values, "force") } }),
    }),
  };
}

function destroy(row: Dataset, onGone?: () => void): Offer {
  return {
    label: "Destroy…",
    icon: Trash2,
    danger: true,
    ...(onGone ? { onDone: onGone } : {}),
    open: () => ({
      title: `Destroy ${row.name}`,
      verb: "Destroy",
      about: "The plan lists exactly what goes with it.",
      fields: [
        { kind: "check", name: "recursive", label: "With all below it, and all snapshots" },
        { kind: "check", name: "clones", label: "With what was cloned from its snapshots, wherever that is" },
      ],
      initial: { recursive: false, clones: false },
      ask: (values) =>
        del("/api/v1/storage/datasets/{dataset_id}", {
          path: path(row),
          query: { recursive: flag(values, "recursive"), clones: flag(values, "clones") },
          version: versionOf(row),
        }),
    }),
  };
}

/** What one with these permissions may do to a dataset. ``onGone``: after it was destroyed. */
export function datasetOffers(row: Dataset, may: { operate: boolean; administer: boolean }, onGone?: () => void): Offer[] {
  if (row.missing) return []; // nothing but the two ways out of drift
  const mountable = row.type === "filesystem" && row.key_status !== "unavailable";
  const root = !row.name.includes("/"); // it comes and goes with its pool
  const snapshot: Offer = { label: "Snapshot…", icon: Camera, prominent: true, open: () => takeSnapshot([row.name]) };
  const create: Offer = { label: "Create dataset in it…", icon: Plus, open: () => createDataset(row.name) };
  const administering = [
    properties(row),
    ...(row.type === "filesystem" ? [create] : []),
    ...(root ? [] : [rename(row)]),
    ...(row.origin ? [promote(row)] : []),
    ...(mountable ? [mount(row)] : []),
    ...keyOffers(row),
    ...(root ? [] : [destroy(row, onGone)]),
  ];
  return [...(may.operate ? [snapshot] : []), ...(may.administer ? administering : [])];
}
