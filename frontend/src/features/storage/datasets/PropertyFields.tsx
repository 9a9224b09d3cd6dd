// The properties of a dataset as a form: each with a value of its own, or as it comes from above.
import { useQuery } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import type { Dataset, DatasetDetail, PropertyRule } from "../../../api/types";
import type { CustomProps, FieldSpec } from "../../../ui/action/fields";
import { Field, inputClass } from "../../../ui/Field";
import { Loading } from "../../../ui/Page";
import { ProblemNote } from "../../../ui/ProblemNote";
import { danger, draftsOf, type Edited, editedOf, settable, shownValue } from "./drafts";
import { dataset, propertyTable } from "./queries";

/** Of a dataset that exists. */
export const changeFields = (id: string): FieldSpec[] => [
  { kind: "custom", name: "properties", label: "Properties", render: (given) => <OfDataset id={id} {...given} /> },
];

/** Of one that is to be made. */
export const newFields: FieldSpec = {
  kind: "custom",
  name: "properties",
  label: "Properties",
  render: (given) => <OfNew {...given} />,
};

function OfDataset({ id, ...given }: CustomProps & { id: string }) {
  const [row, rules] = [useQuery(dataset(id)), useQuery(propertyTable)];
  const error = row.error ?? rules.error;
  if (!row.data || !rules.data) return error ? <ProblemNote error={error} /> : <Loading />;
  const edited = given.value === undefined ? fresh(row.data, rules.data) : editedOf(given.value);
  const groups = settable(rules.data, row.data.type, false);
  return <Groups groups={groups} edited={edited} now={row.data} {...given} />;
}

function OfNew(given: CustomProps) {
  const { data: rules, error } = useQuery(propertyTable);
  if (!rules) return error ? <ProblemNote error={error} /> : <Loading />;
  const type = given.values.type === "volume" ? "volume" : "filesystem";
  return <Groups groups={settable(rules, type, true)} edited={editedOf(given.value)} {...given} />;
}

function fresh(row: DatasetDetail, rules: readonly PropertyRule[]): Edited {
  const before = draftsOf(row, settable(rules, row.type, false).flat());
  return { before, after: before };
}

interface GroupProps extends CustomProps {
  groups: [PropertyRule[], PropertyRule[]];
  edited: Edited;
  now?: DatasetDetail;
}

function Groups({ groups: [usual, rest], edited, now, onChange, errorOf }: GroupProps) {
  const draw = (rule: PropertyRule) => (
    <One
      key={rule.name}
      rule={rule}
      edited={edited}
      now={now}
      error={errorOf(`properties.${rule.name}`)}
      onChange={(text) => onChange({ ...edited, after: { ...edited.after, [rule.name]: text } })}
    />
  );
  const open = rest.some(({ name }) => errorOf(`properties.${name}`) !== undefined);
  return (
    <section aria-label="Properties" className="flex flex-col gap-3">
      <div className="grid gap-x-4 gap-y-3 sm:grid-cols-2">{usual.map(draw)}</div>
      <details open={open}>
        <summary className="text-accent">{rest.length} more properties</summary>
        <div className="mt-3 grid gap-x-4 gap-y-3 sm:grid-cols-2">{rest.map(draw)}</div>
      </details>
    </section>
  );
}

interface OneProps {
  rule: PropertyRule;
  edited: Edited;
  now: DatasetDetail | undefined;
  error: string | undefined;
  onChange: (text: string | null) => void;
}

const ABOVE = " "; // no value is a blank

function One({ rule, edited, now, error, onChange }: OneProps) {
  const after = edited.after[rule.name] ?? null;
  const note = danger(rule, edited.before[rule.name] ?? null, after);
  const chosen = rule.type === "enum" || rule.type === "bool";
  const free = !chosen && (after !== null || !rule.inheritable);
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <Field label={rule.name} hint={rule.description} error={error}>
        {(ids) => (
          <div className="flex gap-2">
            {(chosen || rule.inheritable) && (
              <select
                {...(free ? { "aria-label": `${rule.name}: from where` } : ids)}
                value={after === null ? ABOVE : chosen ? after : "own"}
                onChange={({ target }) => onChange(target.value === ABOVE ? null : chosen ? target.value : "")}
                className={`${inputClass} ${free ? "max-w-32" : ""}`}
              >
                {(rule.inheritable || after === null) && <option value={ABOVE}>{above(rule, now)}</option>}
                {chosen ? rule.values.map((each) => <option key={each}>{each}</option>) : <option value="own">set here</option>}
                {chosen && after !== null && !rule.values.includes(after) && <option>{after}</option>}
              </select>
            )}
            {free && (
              <input
                {...ids}
                value={after ?? ""}
                placeholder={placeholder(rule)}
                spellCheck={false}
                autoComplete="off"
                onChange={({ target }) => onChange(target.value)}
                // An emptied limit is none.
                onBlur={() => after === "" && rule.values.includes("none") && onChange("none")}
                className={`${inputClass} font-mono`}
              />
            )}
          </div>
        )}
      </Field>
      {note && (
        <p role="note" className="flex gap-1.5 text-xs text-warn">
          <TriangleAlert aria-hidden size={14} className="mt-px shrink-0" /> {note}
        </p>
      )}
    </div>
  );
}

/** What holds when nothing is set here. */
function above(rule: PropertyRule, now: Dataset | DatasetDetail | undefined): string {
  const found = now && "properties" in now ? now.properties[rule.name] : undefined;
  const value = shownValue(rule, found?.value ?? "");
  if (found?.source === "inherited") return `inherited: ${value}`;
  if (found?.source === "default") return `default: ${value || "none"}`;
  return rule.inheritable ? "inherit" : `default: ${shownValue(rule, rule.default)}`;
}

function placeholder(rule: PropertyRule): string {
  const word = rule.values.join(", ");
  if (rule.type === "size") return word ? `10G, or ${word}` : "10G, 1.5T, 128 KiB";
  return rule.type === "path" ? `/srv/data, or ${word}` : word;
}
