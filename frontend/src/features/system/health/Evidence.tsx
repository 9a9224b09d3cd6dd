// What a check rests on: facts whose names differ by check, so their shape is read from them.
import type { ReactNode } from "react";
import { Bytes } from "../../../ui/Bytes";
import { Facts } from "../../../ui/Facts";
import { Time } from "../../../ui/Time";

const SIZES = new Set(["total", "free", "ledger_bytes", "bytes"]);
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

export function Evidence({ facts }: { facts: Record<string, unknown> }) {
  return <Facts facts={Object.entries(facts).map(([name, value]) => [inWords(name), shown(name, value)])} />;
}

/** `most_connections` → `Most connections`. */
export function inWords(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function shown(name: string, value: unknown): ReactNode {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return SIZES.has(name) ? <Bytes value={value} /> : value.toLocaleString("en", { maximumFractionDigits: 9 });
  if (typeof value === "string") return MOMENT.test(value) ? <Time value={value} /> : value;
  if (Array.isArray(value)) return value.length === 0 ? "none" : <Several values={value} />;
  return <Evidence facts={value as Record<string, unknown>} />;
}

function Several({ values }: { values: unknown[] }) {
  if (values.every((each) => typeof each !== "object")) return values.map(String).join(", ");
  return values.map((each, at) => <div key={at}>{shown("", each)}</div>);
}
