// What an event changed: its values against those that the events before it in its stream told last.
import type { LedgerEvent } from "../../api/types";
import { inWords } from "../../ui/Bytes";
import { atUnix } from "../../ui/time";

export interface Change {
  what: string;
  /** null: not known. */
  before: string | null;
  after: string;
}

const FEW = 5; // fields

/** Whether an event tells of a change and not of a deed or a first sight. */
export function isChange({ data }: LedgerEvent): boolean {
  return "fields" in data || "before" in data;
}

/** `earlier`: events of the same stream, the latest first. */
export function changes({ data }: LedgerEvent, earlier: readonly LedgerEvent[] = []): Change[] {
  const found: Change[] = [];
  if (typeof data.before === "string") found.push({ what: "state", before: data.before, after: words("state", data.state) });
  // Without `fields` it tells all that it has: what differs is found by comparing.
  const named = Array.isArray(data.fields);
  const fields = named ? list(data.fields).map(String) : Object.keys(data).filter((key) => key !== "before");
  // All of it at once and nothing before: the first sight of a thing, no change.
  if (fields.length > FEW && !earlier.some((event) => fields.some((field) => field in event.data))) return found;
  for (const field of fields) {
    const old = earlier.find((event) => field in event.data);
    if (field === "state" && found.length > 0) continue;
    if (old) found.push(...differing([field], old.data[field], data[field]));
    else if (named) found.push({ what: field.replaceAll("_", " "), before: null, after: words(field, data[field]) });
  }
  return found;
}

/** One change in a line: `scan state in_progress → finished`. */
export function inOneLine({ what, before, after }: Change): string {
  return [what === "state" ? "" : what, before === null ? after : `${before} → ${after}`].filter(Boolean).join(" ");
}

function differing(path: string[], old: unknown, now: unknown): Change[] {
  if (JSON.stringify(old) === JSON.stringify(now)) return [];
  if (isRecord(old) && isRecord(now)) return within(path, old, now);
  const [parts, newParts] = [byName(old), byName(now)];
  if (parts && newParts) {
    const names = new Set([...Object.keys(parts), ...Object.keys(newParts)]);
    // A part is known by its own name, wherever it stands.
    return [...names].flatMap((name) => differing([name], parts[name], newParts[name]));
  }
  const key = path.at(-1) ?? "";
  return [{ what: path.join(" ").replaceAll("_", " "), before: words(key, old), after: words(key, now) }];
}

function within(path: string[], old: Record<string, unknown>, now: Record<string, unknown>): Change[] {
  const keys = new Set([...Object.keys(old), ...Object.keys(now)]);
  return [...keys].flatMap((key) => differing(key === "children" ? path : [...path, key], old[key], now[key]));
}

/** A list of things that have a name and a state, by name. */
function byName(value: unknown): Record<string, unknown> | null {
  if (!Array.isArray(value) || !value.every((each) => isRecord(each) && "name" in each && "state" in each)) return null;
  return Object.fromEntries(value.map((each: Record<string, unknown>) => [String(each.name), each]));
}

function words(key: string, value: unknown): string {
  if (value === null || value === undefined || value === "") return "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number" && key === "size") return inWords(value);
  if (typeof value === "number" && key.endsWith("_at")) return new Date(atUnix(value)).toLocaleString("en-GB");
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map((each) => words(key, each)).join(", ");
  if (typeof value === "string") return key === "state" ? value.replaceAll("_", " ") : value;
  if (typeof value === "number") return String(value);
  if (!isRecord(value)) return "";
  const { kind, name, state } = value;
  const told = [kind, name, state].filter((each) => typeof each === "string" && each !== "");
  return told.length > 0 ? told.join(" ").replaceAll("_", " ") : JSON.stringify(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
