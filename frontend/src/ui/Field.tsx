// Inputs with their label, hint and error, tied together for screen readers.
import { type ComponentProps, type ReactNode, useId } from "react";

export const inputClass =
  "h-8 w-full min-w-0 rounded border border-line-strong bg-surface px-2 placeholder:text-muted aria-invalid:border-bad";

interface FieldProps {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  children: (ids: { id: string; "aria-describedby"?: string; "aria-invalid"?: boolean }) => ReactNode;
}

export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const about = `${id}-about`;
  const described = hint !== undefined || error !== undefined;
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="text-xs font-medium">
        {label}
      </label>
      {children({
        id,
        ...(described ? { "aria-describedby": about } : {}),
        ...(error === undefined ? {} : { "aria-invalid": true }),
      })}
      {described && (
        <p id={about} className={`text-xs ${error === undefined ? "text-muted" : "text-bad"}`}>
          {error ?? hint}
        </p>
      )}
    </div>
  );
}

type TextProps = Omit<ComponentProps<"input">, "id"> & Omit<FieldProps, "children">;

export function TextField({ label, hint, error, className = "", ...rest }: TextProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => <input {...rest} {...ids} className={`${inputClass} ${className}`} />}
    </Field>
  );
}

interface SelectProps<T extends string> {
  label: string;
  value: T;
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
  hint?: ReactNode;
  error?: string | undefined;
}

export function SelectField<T extends string>({ label, value, options, onChange, hint, error }: SelectProps<T>) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => (
        <select
          {...ids}
          value={value}
          // The options are the only values that it can have.
          onChange={(event) => onChange(event.target.value as T)}
          className={inputClass}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
