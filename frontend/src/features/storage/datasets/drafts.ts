// Properties while they are edited: text by name, null where the value comes from above or is the default.
import type { Dataset, DatasetDetail, PropertyRule } from "../../../api/types";

export type Drafts = Record<string, string | null>;
export interface Edited {
  before: Drafts;
  after: Drafts;
}

const UNITS = ["", "K", "M", "G", "T", "P", "E"];
/** What most people come for; the rest is folded. */
const USUAL = new Set(
  "volsize compression quota refquota reservation refreservation recordsize volblocksize atime sync mountpoint readonly".split(" "),
);

/** Bytes as a person would write them, without loss: `128K`, `1536M`, `1000`. */
export function sizeText(bytes: number): string {
  let [value, power] = [bytes, 0];
  while (value >= 1024 && value % 1024 === 0 && power < UNITS.length - 1) [value, power] = [value / 1024, power + 1];
  return `${value}${UNITS[power] ?? ""}`;
}

/** A value in effect as it stands in a form. */
export function shownValue(rule: PropertyRule, value: string): string {
  if (rule.type !== "size" || !/^\d+$/.test(value)) return value;
  return value === "0" && rule.values.includes("none") ? "none" : sizeText(Number(value));
}

/** Those that a dataset of this type has and that can be set now; the usual ones apart. */
export function settable(rules: readonly PropertyRule[], type: Dataset["type"], creating: boolean): [PropertyRule[], PropertyRule[]] {
  const fit = rules.filter(
    (rule) =>
      rule.types.includes(type) &&
      (creating ? rule.name !== "volsize" : rule.settable === "always"),
  );
  return [fit.filter(({ name }) => USUAL.has(name)), fit.filter(({ name }) => !USUAL.has(name))];
}

/** What is set on a dataset itself. */
export function draftsOf(row: DatasetDetail, rules: readonly PropertyRule[]): Drafts {
  return Object.fromEntries(rules.map((rule) => [rule.name, draftOf(row, rule)]));
}

function draftOf(row: DatasetDetail, rule: PropertyRule): string | null {
  if (rule.name === "volsize" && row.volsize !== null) return sizeText(row.volsize);
  const found = row.properties[rule.name];
  if (!found) return null;
  const own = found.source === "local" || found.source === "received";
  // What is not inherited has a value of its own in any case.
  if (!own && rule.inheritable) return null;
  return shownValue(rule, found.value);
}

/** What differs from before: values to set, and what is to come from above again. */
export function changesOf({ before, after }: Edited): { properties: Record<string, string>; inherit: string[] } {
  // What a new one leaves empty was never there.
  const changed = Object.entries(after).filter(
    ([name, text]) => (text?.trim() ?? null) !== (before[name] ?? null) && (text !== "" || name in before),
  );
  const set = changed.flatMap(([name, text]): [string, string][] => (text === null ? [] : [[name, text.trim()]]));
  return { properties: Object.fromEntries(set), inherit: changed.filter(([, text]) => text === null).map(([name]) => name) };
}

/** What a person must know before, of what is about to be set. */
export function danger(rule: PropertyRule, before: string | null, after: string | null): string {
  if (after === null || after === before || !rule.danger) return "";
  return rule.risky.length === 0 || rule.risky.includes(after) ? rule.danger : "";
}

export function editedOf(value: unknown): Edited {
  // Only the form of properties writes it.
  return typeof value === "object" && value !== null ? (value as Edited) : { before: {}, after: {} };
}
