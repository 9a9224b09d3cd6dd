// What is kept of a schedule's snapshots.
import type { Retention } from "../../../api/types";
import type { CustomProps } from "../../../ui/action/fields";
import { TextField } from "../../../ui/Field";
import { retentionWords } from "./words";

export const KEEP_ALL: Retention = { last: 0, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0, min_age_hours: 0 };

const COUNTS = [
  { key: "last", label: "Latest" },
  { key: "hourly", label: "Hourly" },
  { key: "daily", label: "Daily" },
  { key: "weekly", label: "Weekly" },
  { key: "monthly", label: "Monthly" },
  { key: "yearly", label: "Yearly" },
  { key: "min_age_hours", label: "Hours at least" },
] as const;

export function retentionOf(value: unknown): Retention {
  // Only this form writes it.
  return typeof value === "object" && value !== null ? (value as Retention) : KEEP_ALL;
}

export function RetentionField({ value, onChange, errorOf }: CustomProps) {
  const kept = retentionOf(value);
  return (
    <fieldset className="flex min-w-0 flex-col gap-1">
      <legend className="mb-1 text-xs font-medium">How many are kept</legend>
      <div className="grid grid-cols-2 gap-3 sm:grid-cols-7">
        {COUNTS.map(({ key, label }) => (
          <TextField
            key={key}
            label={label}
            type="number"
            min={0}
            value={kept[key]}
            error={errorOf(`job.retention.${key}`)}
            onChange={({ target }) => onChange({ ...kept, [key]: Math.max(0, Math.trunc(target.valueAsNumber || 0)) })}
          />
        ))}
      </div>
      <p className="text-xs text-muted">Keeps {retentionWords(kept)}.</p>
    </fieldset>
  );
}
