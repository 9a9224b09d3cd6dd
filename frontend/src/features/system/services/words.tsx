// The state of a unit.
import { Ban, CirclePause, Power } from "lucide-react";
import type { Service } from "../../../api/types";
import { Badge, type Tone } from "../../../ui/Badge";

const TONES: Record<string, Tone> = {
  active: "ok",
  reloading: "busy",
  activating: "busy",
  deactivating: "busy",
  failed: "bad",
};

export const servicePage = ({ unit }: Pick<Service, "unit">) => `/system/services/${encodeURIComponent(unit)}`;

/** systemd's own words: `active (running)`. */
export function stateWords({ active, sub }: Pick<Service, "active" | "sub">): string {
  return sub && sub !== active ? `${active} (${sub})` : active;
}

export function UnitState({ row }: { row: Service }) {
  const icon = row.active === "inactive" ? { icon: CirclePause } : {};
  return (
    <Badge tone={TONES[row.active] ?? "unknown"} title={row.why} {...icon}>
      {stateWords(row)}
    </Badge>
  );
}

/** Whether it starts with the box. */
export function FileState({ row }: { row: Service }) {
  const state = row.file_state;
  if (!state) return <span className="text-muted">–</span>;
  const differs = row.wanted !== "" && row.wanted !== state;
  if (differs) return <Badge tone="warn" title={`It was set to ${row.wanted} here.`}>{`${state}, not ${row.wanted}`}</Badge>;
  if (state.startsWith("masked")) return <Badge tone="unknown" icon={Ban}>{state}</Badge>;
  if (state.startsWith("enabled")) return <Badge tone="ok" icon={Power}>{state}</Badge>;
  return <span className="text-muted">{state}</span>;
}

/** What wants attention stands before what is well. */
const RANKS: Record<string, number> = { failed: 0, activating: 1, deactivating: 1, reloading: 1, active: 2 };
export const stateRank = ({ active }: Service): number => RANKS[active] ?? 3;

export interface ServiceFilter {
  which: string;
  search: string;
}

export function matching(rows: readonly Service[], { which, search }: ServiceFilter): Service[] {
  const wanted = search.trim().toLowerCase();
  return rows.filter((row) => {
    if (which === "managed" && !row.part) return false;
    if (which === "failed" && row.active !== "failed") return false;
    if (which === "active" && row.active !== "active") return false;
    return !wanted || `${row.unit} ${row.description} ${row.part}`.toLowerCase().includes(wanted);
  });
}
