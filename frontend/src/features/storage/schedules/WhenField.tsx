// When a schedule is due: the usual rhythms by choice, any other as a cron expression.
import { useState } from "react";
import type { CustomProps } from "../../../ui/action/fields";
import { SelectField, TextField } from "../../../ui/Field";
import { cronOf, type Rhythm, rhythmOf } from "./words";

const RHYTHMS = [
  { value: "quarter", label: "every 15 minutes" },
  { value: "hour", label: "every hour" },
  { value: "day", label: "every day" },
  { value: "week", label: "every week" },
  { value: "month", label: "every month, on the 1st" },
  { value: "own", label: "as a cron expression says" },
] as const;
const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"].map((label, at) => ({
  value: String(at),
  label,
}));

export function WhenField({ value, onChange, errorOf }: CustomProps) {
  const cron = typeof value === "string" ? value : "";
  // Who writes an expression of one's own is not thrown out when it happens to be a usual one.
  const [own, setOwn] = useState(rhythmOf(cron).every === "own");
  const rhythm: Rhythm = own ? { ...rhythmOf(cron), every: "own" } : rhythmOf(cron);
  const change = (next: Partial<Rhythm>) => {
    const wanted = { ...rhythm, ...next };
    setOwn(wanted.every === "own");
    onChange(cronOf(wanted) ?? cron);
  };
  const error = errorOf("when.cron");
  return (
    <div className="grid gap-3 sm:grid-cols-3">
      <SelectField label="When" value={rhythm.every} options={RHYTHMS} error={own ? undefined : error} onChange={(every) => change({ every })} />
      {rhythm.every === "hour" && (
        <TextField
          label="At minute"
          type="number"
          min={0}
          max={59}
          value={Number(rhythm.at.slice(3))}
          onChange={({ target }) => change({ at: `00:${String(Math.min(59, Math.max(0, target.valueAsNumber || 0))).padStart(2, "0")}` })}
        />
      )}
      {rhythm.every === "week" && (
        <SelectField label="On" value={rhythm.weekday} options={WEEKDAYS} onChange={(weekday) => change({ weekday })} />
      )}
      {["day", "week", "month"].includes(rhythm.every) && (
        <TextField label="At" type="time" required value={rhythm.at} onChange={({ target }) => target.value && change({ at: target.value })} />
      )}
      {own && (
        <TextField
          label="Cron expression"
          className="font-mono"
          value={cron}
          error={error}
          hint="Minute, hour, day of the month, month, day of the week."
          autoComplete="off"
          spellCheck={false}
          onChange={({ target }) => onChange(target.value)}
        />
      )}
    </div>
  );
}
