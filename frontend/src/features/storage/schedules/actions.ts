// What can be done to schedules.
import { Pause, Pencil, Play, Power, Trash2 } from "lucide-react";
import { del, post, put } from "../../../api/command";
import { answered, client } from "../../../api/client";
import type { Schedule } from "../../../api/types";
import type { Offer } from "../../../ui/action/ActionBar";
import type { Action } from "../../../ui/action/CommandDialog";
import { newValues, scheduleFields, valuesOf, wishOf } from "./form";

const versionOf = (name: string) => () =>
  answered(client.GET("/api/v1/storage/schedules/{name}", { params: { path: { name } } })).then((now) => now.version);

export function createSchedule(pools: readonly string[]): Action {
  return {
    title: "Create schedule",
    verb: "Create",
    fields: scheduleFields(pools),
    initial: newValues(pools),
    ask: (values) => post("/api/v1/storage/schedules", { path: {}, body: wishOf(values) }),
  };
}

function edit(row: Schedule, pools: readonly string[]): Offer {
  return {
    label: "Change…",
    icon: Pencil,
    prominent: true,
    open: () => ({
      title: `Change schedule ${row.name}`,
      verb: "Change",
      fields: scheduleFields(pools, row),
      initial: valuesOf(row),
      ask: (values) => {
        const { enabled, when, job } = wishOf(values, row);
        return put("/api/v1/storage/schedules/{name}", { path: { name: row.name }, body: { enabled, when, job }, version: versionOf(row.name) });
      },
    }),
  };
}

function toggle(row: Schedule): Offer {
  const verb = row.enabled ? "Disable" : "Enable";
  const { when, job } = row;
  return {
    label: `${verb}…`,
    icon: row.enabled ? Pause : Power,
    open: () => ({
      title: `${verb} schedule ${row.name}`,
      verb,
      ask: () =>
        put("/api/v1/storage/schedules/{name}", {
          path: { name: row.name },
          body: { enabled: !row.enabled, when, job },
          version: versionOf(row.name),
        }),
    }),
  };
}

function run(row: Schedule): Offer {
  return {
    label: "Run now…",
    icon: Play,
    prominent: true,
    open: () => ({
      title: `Run schedule ${row.name} now`,
      verb: "Run",
      ask: () => post("/api/v1/storage/schedules/{name}/run", { path: { name: row.name }, body: {} }),
    }),
  };
}

function remove(row: Schedule, onGone?: () => void): Offer {
  return {
    label: "Delete…",
    icon: Trash2,
    danger: true,
    ...(onGone ? { onDone: onGone } : {}),
    open: () => ({
      title: `Delete schedule ${row.name}`,
      verb: "Delete",
      ask: () => del("/api/v1/storage/schedules/{name}", { path: { name: row.name }, version: versionOf(row.name) }),
    }),
  };
}

interface Given {
  may: { operate: boolean; administer: boolean };
  pools: readonly string[];
  onGone?: () => void;
}

export function scheduleOffers(row: Schedule, { may, pools, onGone }: Given): Offer[] {
  const operating = row.problem ? [] : [run(row)];
  const administering = [edit(row, pools), toggle(row), remove(row, onGone)];
  return [...(may.operate ? operating : []), ...(may.administer ? administering : [])];
}
