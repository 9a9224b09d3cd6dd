// The settable properties of pools as a form, and what of it was changed.
import type { PoolProperty } from "../../../api/types";
import { text } from "../../../ui/action/values";
import type { FieldSpec, Values } from "../../../ui/action/fields";

export function propertyFields(rules: readonly PoolProperty[]): FieldSpec[] {
  return rules
    .filter((rule) => rule.settable === "always")
    .map((rule) => {
      const common = { name: rule.name, label: rule.name, hint: [rule.description, rule.danger].filter(Boolean).join(" ") };
      const options = rule.values.map((value) => ({ value, label: value || "none" }));
      return rule.type === "choice" || rule.type === "bool"
        ? { ...common, kind: "choice" as const, options }
        : { ...common, kind: "text" as const, mono: true };
    });
}

/** Those that differ from what is in effect. */
export function propertyValues(
  rules: readonly PoolProperty[],
  before: Record<string, string>,
  values: Values,
): Record<string, string> {
  const changed = rules.filter(({ name }) => name in values && text(values, name) !== (before[name] ?? ""));
  return Object.fromEntries(changed.map(({ name }) => [name, text(values, name)]));
}
