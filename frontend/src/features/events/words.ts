// Events in words.
import type { LedgerEvent } from "../../api/types";
import { type Change, changes, inOneLine, isChange } from "./changes";

/** `user:admin` → `admin`; processes keep their names. */
export function person(actor: string): string {
  return actor.replace(/^user:/, "");
}

/** `storage.PoolCreated.v1` → `Pool created`. */
export function deed(type: string): string {
  const name = type.split(".").at(-2) ?? type;
  const words = name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const TELLING = ["title", "argv", "state", "outcome", "username", "command", "call", "message"];
const MOST = 4; // changes on one line
const LONG = 60; // characters; what is longer is read in the opened event

/** The few members of its payload that tell most, on one line. `earlier`: of the same stream, the latest first. */
export function gist(event: LedgerEvent, earlier: readonly LedgerEvent[] = []): string {
  const { data } = event;
  if (isChange(event)) return changed(changes(event, earlier));
  const told = TELLING.filter((key) => key in data).map((key) => {
    const value = data[key];
    return Array.isArray(value) ? value.map(String).join(key === "argv" ? " " : ", ") : String(value);
  });
  const error = data.error;
  if (typeof error === "object" && error !== null && "message" in error) told.push(String(error.message));
  return [...new Set(told.filter(Boolean))].slice(0, 3).join(" · ");
}

function changed(all: Change[]): string {
  const lines = all.map(inOneLine);
  // The short ones are states and numbers, the long ones advice.
  const short = lines.filter((line) => line.length <= LONG).sort((a, b) => a.length - b.length);
  const rest = lines.length - Math.min(short.length, MOST);
  const more = short.length > 0 ? `${rest} more` : `${rest} values`;
  return [...short.slice(0, MOST), rest > 0 ? more : ""].filter(Boolean).join(", ");
}

/** Those of the loaded events, the latest first, that came before the one at this place, in its stream. */
export function before(rows: readonly LedgerEvent[], at: number): LedgerEvent[] {
  const event = rows[at];
  if (!event || !isChange(event)) return [];
  return rows.slice(at + 1).filter(({ stream }) => stream === event.stream);
}

/** The first thing it is about: `storage.pool.tank` → `pool tank`. */
export function subject({ keys }: LedgerEvent): string {
  const [, kind = "", ...name] = (keys[0] ?? "").split(".");
  return keys[0]?.startsWith("operation.") ? "" : [kind, name.join(".")].filter(Boolean).join(" ");
}

/** The id of the operation that an event belongs to, or that it is about. */
export function operationOf({ operation_id, keys }: LedgerEvent): string | null {
  const about = keys.find((key) => key.startsWith("operation."));
  return operation_id ?? about?.slice("operation.".length) ?? null;
}
