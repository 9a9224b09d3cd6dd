// Events in words.
import type { LedgerEvent } from "../../api/types";

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

const TELLING = ["title", "argv", "fields", "before", "state", "outcome", "username", "command", "call", "message"];

/** The few members of its payload that tell most, on one line. */
export function gist({ data }: LedgerEvent): string {
  // `fields` of the first sight of a thing names all of them, which says nothing.
  const told = TELLING.filter((key) => key in data && !(key === "fields" && list(data[key]).length > 5)).map((key) => {
    const value = data[key];
    const words = Array.isArray(value) ? value.map(String).join(key === "argv" ? " " : ", ") : String(value);
    if (key === "before") return `was ${words}`;
    return key === "fields" ? `changed: ${words}` : words;
  });
  const error = data.error;
  if (typeof error === "object" && error !== null && "message" in error) told.push(String(error.message));
  return [...new Set(told.filter(Boolean))].slice(0, 3).join(" · ");
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
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
