// Power, and support bundles.
import { Power, RotateCw, Trash2 } from "lucide-react";
import { del, post } from "../../../api/command";
import type { Bundle } from "../../../api/types";
import type { Offer } from "../../../ui/action/ActionBar";
import type { Action } from "../../../ui/action/CommandDialog";
import { numberOf, text } from "../../../ui/action/values";

export const powerOffers: Offer[] = [
  {
    label: "Restart…",
    icon: RotateCw,
    prominent: true,
    open: () => ({
      title: "Restart the box",
      verb: "Restart",
      about: "All that it serves stops, and comes back with it.",
      reasonFirst: true,
      ask: (values) => post("/api/v1/system/power/reboot", { path: {}, body: {}, reason: text(values, "reason") }),
    }),
  },
  {
    label: "Switch off…",
    icon: Power,
    prominent: true,
    open: () => ({
      title: "Switch the box off",
      verb: "Switch off",
      about: "Somebody has to switch it on again, where it stands.",
      reasonFirst: true,
      ask: (values) => post("/api/v1/system/power/shutdown", { path: {}, body: {}, reason: text(values, "reason") }),
    }),
  },
];

export const makeBundle: Action = {
  title: "Make a support bundle",
  verb: "Make",
  about: "Versions, configuration, health, operations and logs in one archive, secrets masked. The plan lists what it will hold.",
  fields: [
    { kind: "number", name: "hours", label: "Logs of the last", unit: "hours", min: 1, max: 336, hint: "Two weeks at most." },
  ],
  initial: { hours: 24 },
  ask: (values) => post("/api/v1/system/support-bundles", { path: {}, body: { hours: numberOf(values, "hours") ?? 24 } }),
};

export const deleteBundle = ({ id }: Bundle): Offer => ({
  label: "Delete…",
  icon: Trash2,
  danger: true,
  open: () => ({
    title: "Delete the support bundle",
    verb: "Delete",
    ask: () => del("/api/v1/system/support-bundles/{bundle_id}", { path: { bundle_id: id } }),
  }),
});
