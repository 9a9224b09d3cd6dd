// How things are, in words.
import { CircleMinus, CirclePause } from "lucide-react";
import type { Check } from "../../../api/types";
import { Badge, type Tone } from "../../../ui/Badge";

const NAMES: Record<string, string> = {
  zfs: "ZFS",
  scst: "SCST",
  bacula: "Bacula",
  vtl: "MHVTL",
  database: "Database",
  ledger: "Ledger",
  worker: "Worker",
  observer: "Observer",
  time: "Time",
  disk: "Disk space",
};
export const nameOf = ({ name }: Check): string => NAMES[name] ?? name;

const TONES: Record<Check["state"], Tone> = {
  failed: "bad",
  stopped: "bad",
  degraded: "warn",
  unknown: "unknown",
  ok: "ok",
  not_installed: "unknown",
};
const ORDER = Object.keys(TONES);

export function CheckState({ state }: Pick<Check, "state">) {
  const icon = { not_installed: { icon: CircleMinus }, stopped: { icon: CirclePause } }[state as string] ?? {};
  return (
    <Badge tone={TONES[state]} {...icon}>
      {state.replace("_", " ")}
    </Badge>
  );
}

/** The worst first; what is not installed last. */
export function worstFirst(found: readonly Check[]): Check[] {
  const rank = ({ state }: Check) => ORDER.indexOf(state);
  return [...found].sort((a, b) => rank(a) - rank(b) || nameOf(a).localeCompare(nameOf(b), "en"));
}

export const isWell = ({ state }: Check): boolean => state === "ok" || state === "not_installed";
