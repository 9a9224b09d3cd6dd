// What can be done to a disk: each as its form and its command.
import { Eraser, Lightbulb, LightbulbOff, Stethoscope } from "lucide-react";
import { post } from "../../../api/command";
import type { Disk } from "../../../api/types";
import type { Offer } from "../../../ui/action/ActionBar";

const TESTS = [
  { value: "short", label: "short: some minutes" },
  { value: "long", label: "long: reads the whole disk, hours" },
  { value: "abort", label: "none: abort the one that runs" },
] as const;
const METHODS = [
  { value: "quick", label: "quick: remove what tells what is on it; data can be recovered" },
  { value: "discard", label: "discard: tell the disk that all of it is free (SSD)" },
  { value: "zero", label: "zero: overwrite every byte; hours" },
] as const;

export function diskOffers(disk: Disk, may: { operate: boolean; administer: boolean }): Offer[] {
  const path = { disk_id: disk.id };
  const test: Offer = {
    label: "Self-test…",
    icon: Stethoscope,
    prominent: true,
    open: () => ({
      title: `Self-test of ${disk.name}`,
      verb: "Start",
      fields: [{ kind: "choice", name: "test", label: "Test", options: TESTS }],
      initial: { test: "short" },
      ask: (values) =>
        post("/api/v1/storage/disks/{disk_id}/self-test", {
          path,
          body: { test: TESTS.find((each) => each.value === values.test)?.value ?? "short" },
        }),
    }),
  };
  const on = disk.light?.on !== true;
  const locate: Offer = {
    label: on ? "Switch its light on" : "Switch its light off",
    icon: on ? Lightbulb : LightbulbOff,
    open: () => ({
      title: `Light of ${disk.name}`,
      verb: on ? "Switch on" : "Switch off",
      ask: () => post("/api/v1/storage/disks/{disk_id}/locate", { path, body: { on } }),
    }),
  };
  const wipe: Offer = {
    label: "Wipe…",
    icon: Eraser,
    danger: true,
    open: () => ({
      title: `Wipe ${disk.name} (${disk.serial || disk.id})`,
      verb: "Wipe",
      about: "Everything on the disk is lost. A wipe can be stopped; the disk is then partly overwritten.",
      fields: [{ kind: "choice", name: "method", label: "How", options: METHODS }],
      initial: { method: "quick" },
      ask: (values) =>
        post("/api/v1/storage/disks/{disk_id}/wipe", {
          path,
          body: { method: METHODS.find((each) => each.value === values.method)?.value ?? "quick" },
        }),
    }),
  };
  return [...(may.operate ? [test, ...(disk.light ? [locate] : [])] : []), ...(may.administer ? [wipe] : [])];
}
