// What was filled in, as the commands want it.
import type { Values } from "./fields";

export function text(values: Values, name: string): string {
  const value = values[name];
  return typeof value === "string" ? value.trim() : "";
}

export function flag(values: Values, name: string): boolean {
  return values[name] === true;
}

export function numberOf(values: Values, name: string): number | null {
  const value = values[name];
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** Lines or chosen things, without the empty ones. */
export function list(values: Values, name: string): string[] {
  const value = values[name];
  return Array.isArray(value) ? value.map(String).map((each) => each.trim()).filter(Boolean) : [];
}

/** The chosen one of some options, the first where none is. */
export function choice<T extends string>(values: Values, name: string, options: readonly { value: T }[]): T {
  const found = options.find(({ value }) => value === values[name]) ?? options[0];
  if (!found) throw new Error(`${name} has no options`);
  return found.value;
}
