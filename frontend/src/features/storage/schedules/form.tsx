// A schedule as a form, and what was filled in as a schedule.
import type { Schedule, ScheduleWish } from "../../../api/types";
import type { FieldSpec, Values } from "../../../ui/action/fields";
import { flag, list, numberOf, text } from "../../../ui/action/values";
import { Preview } from "./Preview";
import { KEEP_ALL, RetentionField, retentionOf } from "./RetentionField";
import { WhenField } from "./WhenField";

type Kind = Schedule["job"]["kind"];

const KINDS = [
  { value: "snapshots", label: "take snapshots" },
  { value: "scrub", label: "scrub a pool" },
] as const;
const USUAL = { ...KEEP_ALL, hourly: 24, daily: 7, weekly: 4, monthly: 12 };
const SCRUB_CRON = "0 2 * * 0";

const snapshots = (values: Values) => values.kind !== "scrub";
const scrub = (values: Values) => values.kind === "scrub";

/** ``pools``: what can be scrubbed; ``present``: the schedule that is changed. */
export function scheduleFields(pools: readonly string[], present?: Schedule): FieldSpec[] {
  const identity: FieldSpec[] = [
    { kind: "text", name: "name", label: "Name", mono: true, placeholder: "hourly" },
    { kind: "choice", name: "kind", label: "What it does", options: KINDS },
  ];
  return [
    ...(present ? [] : identity),
    { kind: "text", name: "job.dataset", label: "Dataset", mono: true, placeholder: "tank/data", when: snapshots },
    { kind: "check", name: "job.recursive", label: "And of everything below", hint: "All at one moment.", when: snapshots },
    {
      kind: "lines",
      name: "job.exclude",
      label: "Except",
      placeholder: "cache\nvm/tmp",
      hint: "Datasets below it, one a line; what is below them is left out as well.",
      when: (values) => snapshots(values) && flag(values, "job.recursive"),
    },
    {
      kind: "choice",
      name: "job.pool",
      label: "Pool",
      options: pools.map((name) => ({ value: name, label: name })),
      when: scrub,
    },
    {
      kind: "number",
      name: "job.older_than_days",
      label: "Only when the last scrub is older than",
      unit: "days",
      min: 0,
      when: scrub,
    },
    { kind: "custom", name: "cron", label: "When", render: (given) => <WhenField {...given} /> },
    { kind: "text", name: "when.timezone", label: "Time zone", placeholder: "Europe/Berlin" },
    {
      kind: "number",
      name: "when.make_up_hours",
      label: "Make up for a missed run within",
      unit: "hours",
      min: 0,
      hint: "When this box was off at its time; 0: never.",
    },
    {
      kind: "text",
      name: "job.naming",
      label: "Names of the snapshots",
      mono: true,
      hint: "Begins with fixed words by which they are recognised; %Y %m %d %H %M and the like are the time.",
      when: snapshots,
    },
    { kind: "check", name: "job.skip_unchanged", label: "None when nothing was written since the one before", when: snapshots },
    { kind: "custom", name: "retention", label: "Kept", render: (given) => <RetentionField {...given} />, when: snapshots },
    { kind: "check", name: "enabled", label: "Enabled" },
    {
      kind: "custom",
      name: "preview",
      label: "Preview",
      render: ({ values }) => <Preview wish={wishOf(values, present)} />,
    },
  ];
}

export function newValues(pools: readonly string[], kind: Kind = "snapshots"): Values {
  return {
    name: "",
    kind,
    "job.dataset": "",
    "job.recursive": true,
    "job.exclude": [],
    "job.pool": pools[0] ?? "",
    "job.older_than_days": 30,
    cron: kind === "scrub" ? SCRUB_CRON : "0 * * * *",
    "when.timezone": Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC",
    "when.make_up_hours": 0,
    "job.naming": "auto-%Y-%m-%d_%H-%M",
    "job.skip_unchanged": false,
    retention: USUAL,
    enabled: true,
  };
}

export function valuesOf({ name, enabled, when, job }: Schedule): Values {
  const common = { name, enabled, kind: job.kind, cron: when.cron, "when.timezone": when.timezone, "when.make_up_hours": when.make_up_hours };
  if (job.kind === "scrub") return { ...common, "job.pool": job.pool, "job.older_than_days": job.older_than_days };
  const { dataset, recursive, exclude, naming, skip_unchanged: skip, retention } = job;
  return {
    ...common,
    "job.dataset": dataset,
    "job.recursive": recursive,
    "job.exclude": exclude,
    "job.naming": naming,
    "job.skip_unchanged": skip,
    retention,
  };
}

export function wishOf(values: Values, present?: Schedule): ScheduleWish {
  const recursive = flag(values, "job.recursive");
  return {
    name: present?.name ?? text(values, "name"),
    enabled: flag(values, "enabled"),
    when: {
      cron: text(values, "cron"),
      timezone: text(values, "when.timezone"),
      make_up_hours: numberOf(values, "when.make_up_hours") ?? 0,
    },
    job: scrub(values)
      ? { kind: "scrub", pool: text(values, "job.pool"), older_than_days: numberOf(values, "job.older_than_days") ?? 0 }
      : {
          kind: "snapshots",
          dataset: text(values, "job.dataset"),
          recursive,
          exclude: recursive ? list(values, "job.exclude") : [],
          naming: text(values, "job.naming"),
          skip_unchanged: flag(values, "job.skip_unchanged"),
          retention: retentionOf(values.retention),
        },
    reason: "",
  };
}
