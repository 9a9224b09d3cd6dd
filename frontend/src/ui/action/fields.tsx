// The inputs of a form, declared: a feature says what there is to fill in, and this draws it.
import type { ReactNode } from "react";
import { Field, inputClass, SelectField, TextField } from "../Field";

export type Values = Record<string, unknown>;

interface Common {
  name: string;
  label: string;
  hint?: ReactNode;
  /** What is said when it was left empty, before the server is asked. */
  required?: string;
  /** Shown only while this holds. */
  when?: (values: Values) => boolean;
}

export type FieldSpec =
  | (Common & { kind: "text"; mono?: boolean; placeholder?: string })
  /** Never shown, never kept by the browser. */
  | (Common & { kind: "secret" })
  | (Common & { kind: "lines"; placeholder?: string })
  | (Common & { kind: "number"; min?: number; max?: number; unit?: string })
  | (Common & { kind: "check" })
  | (Common & { kind: "choice"; options: readonly { value: string; label: string }[] })
  /** What none of these can draw. */
  | (Common & { kind: "custom"; render: (given: CustomProps) => ReactNode })
  | (Common & { kind: "many"; options: readonly { value: string; label: ReactNode }[]; empty: string });

export interface CustomProps {
  value: unknown;
  values: Values;
  onChange: (value: unknown) => void;
  /** What the server said about this field or a part of it: `vdevs.0`. */
  errorOf: (name: string) => string | undefined;
}

interface FieldsProps {
  fields: readonly FieldSpec[];
  values: Values;
  onChange: (values: Values) => void;
  /** What the server said about a field. */
  errorOf: (name: string) => string | undefined;
}

export function Fields({ fields, values, onChange, errorOf }: FieldsProps) {
  const shown = fields.filter((field) => field.when?.(values) ?? true);
  return (
    <div className="flex flex-col gap-3">
      {shown.map((field, at) =>
        field.kind === "custom" ? (
          <Custom key={field.name} field={field} values={values} onChange={onChange} errorOf={errorOf} />
        ) : (
        <One
          key={field.name}
          field={field}
          value={values[field.name]}
          error={errorOf(field.name)}
          first={at === 0}
          onChange={(value) => onChange({ ...values, [field.name]: value })}
        />
        ),
      )}
    </div>
  );
}

type Of<K extends FieldSpec["kind"]> = Extract<FieldSpec, { kind: K }>;

function Custom({ field, values, onChange, errorOf }: Omit<FieldsProps, "fields"> & { field: Of<"custom"> }) {
  return field.render({
    value: values[field.name],
    values,
    errorOf,
    onChange: (value) => onChange({ ...values, [field.name]: value }),
  });
}

interface OneProps {
  field: Exclude<FieldSpec, Of<"custom">>;
  value: unknown;
  error: string | undefined;
  first: boolean;
  onChange: (value: unknown) => void;
}

function One({ field, value, error, first, onChange }: OneProps) {
  const { label, hint } = field;
  switch (field.kind) {
    case "text":
    case "secret":
      return (
        <TextField
          label={label}
          hint={hint}
          error={error}
          type={field.kind === "secret" ? "password" : "text"}
          value={typeof value === "string" ? value : ""}
          placeholder={field.kind === "text" ? field.placeholder : undefined}
          autoFocus={first}
          autoComplete={field.kind === "secret" ? "new-password" : "off"}
          autoCapitalize="none"
          spellCheck={false}
          className={field.kind === "text" && field.mono ? "font-mono" : ""}
          onChange={(event) => onChange(event.target.value)}
        />
      );
    case "number":
      return (
        <TextField
          label={field.unit ? `${label} (${field.unit})` : label}
          hint={hint}
          error={error}
          type="number"
          inputMode="numeric"
          min={field.min}
          max={field.max}
          value={typeof value === "number" ? value : ""}
          onChange={(event) => onChange(event.target.value === "" ? null : event.target.valueAsNumber)}
        />
      );
    case "lines":
      return (
        <Field label={label} hint={hint} error={error}>
          {(ids) => (
            <textarea
              {...ids}
              rows={4}
              spellCheck={false}
              placeholder={field.placeholder}
              className={`${inputClass} h-auto py-1 font-mono`}
              value={Array.isArray(value) ? value.join("\n") : ""}
              onChange={(event) => onChange(event.target.value === "" ? [] : event.target.value.split("\n"))}
            />
          )}
        </Field>
      );
    case "choice":
      return (
        <SelectField
          label={label}
          hint={hint}
          value={typeof value === "string" ? value : ""}
          options={field.options}
          onChange={onChange}
          error={error}
        />
      );
    case "check":
      return (
        <label className="flex items-start gap-2">
          <input
            type="checkbox"
            checked={value === true}
            onChange={(event) => onChange(event.target.checked)}
            className="mt-1"
          />
          <span>
            {label}
            {(error ?? hint) && <span className={`block text-xs ${error ? "text-bad" : "text-muted"}`}>{error ?? hint}</span>}
          </span>
        </label>
      );
    case "many":
      return <Many field={field} chosen={Array.isArray(value) ? (value as string[]) : []} error={error} onChange={onChange} />;
  }
}

interface ManyProps {
  field: Of<"many">;
  chosen: string[];
  error: string | undefined;
  onChange: (value: string[]) => void;
}

function Many({ field, chosen, error, onChange }: ManyProps) {
  const toggle = (value: string) =>
    onChange(chosen.includes(value) ? chosen.filter((each) => each !== value) : [...chosen, value]);
  return (
    <fieldset className="flex min-w-0 flex-col gap-1">
      <legend className="mb-1 text-xs font-medium">{field.label}</legend>
      <ul className="max-h-56 overflow-y-auto rounded border border-line">
        {field.options.map((option) => (
          <li key={option.value} className="border-b border-line last:border-0">
            <label className="flex min-h-9 items-center gap-3 px-2 py-1 hover:bg-hover">
              <input
                type="checkbox"
                checked={chosen.includes(option.value)}
                onChange={() => toggle(option.value)}
              />
              <span className="min-w-0 [overflow-wrap:anywhere]">{option.label}</span>
            </label>
          </li>
        ))}
        {field.options.length === 0 && <li className="p-3 text-muted">{field.empty}</li>}
      </ul>
      <p className={`text-xs ${error ? "text-bad" : "text-muted"}`}>{error ?? field.hint ?? `${chosen.length} chosen`}</p>
    </fieldset>
  );
}
