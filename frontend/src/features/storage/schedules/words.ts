// Schedules in words.
import type { Retention, Schedule } from "../../../api/types";

const BUCKETS = [
  ["hourly", "hour"],
  ["daily", "day"],
  ["weekly", "week"],
  ["monthly", "month"],
  ["yearly", "year"],
] as const;

/** `the latest 3, one an hour for 24 hours, one a day for 7 days; nothing younger than 6 hours goes`. */
export function retentionWords(kept: Retention): string {
  const parts = BUCKETS.filter(([key]) => kept[key] > 0).map(
    ([key, unit]) => `one ${unit === "hour" ? "an" : "a"} ${unit} for ${many(kept[key], unit)}`,
  );
  const all = [...(kept.last > 0 ? [kept.last === 1 ? "the latest one" : `the latest ${kept.last}`] : []), ...parts];
  if (all.length === 0) return "all of them, for ever";
  const young = kept.min_age_hours > 0 ? `; nothing younger than ${many(kept.min_age_hours, "hour")} goes` : "";
  return all.join(", ") + young;
}

function many(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** `Tue 24 Nov, 03:30` as the clocks of a time zone show it. */
export function atClockOf(timeZone: string, time: string): string {
  const words = { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" } as const;
  try {
    return new Date(time).toLocaleString("en-GB", { ...words, timeZone });
  } catch {
    // A zone that is still being typed, or that this browser does not know.
    return `${new Date(time).toLocaleString("en-GB", { ...words, timeZone: "UTC" })} UTC`;
  }
}

export function jobWords({ job }: Pick<Schedule, "job">): string {
  if (job.kind === "scrub") return `Scrub of ${job.pool}`;
  const below = job.recursive ? " and all below it" : "";
  return `Snapshots of ${job.dataset}${below}`;
}

/** `05:30` of the fields of a cron expression, or null where it is not one time of the day. */
function clockOf(minute: string, hour: string): string | null {
  if (!/^\d{1,2}$/.test(minute) || !/^\d{1,2}$/.test(hour)) return null;
  return `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`;
}

export interface Rhythm {
  every: "quarter" | "hour" | "day" | "week" | "month" | "own";
  /** `05:30`; of an hourly one only the minute counts. */
  at: string;
  /** 0 is Sunday. */
  weekday: string;
}

/** What a cron expression says, where it is one of those that can be chosen without knowing cron. */
export function rhythmOf(cron: string): Rhythm {
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = cron.trim().split(/\s+/);
  const own: Rhythm = { every: "own", at: "03:00", weekday: "0" };
  if (cron.trim() === "*/15 * * * *") return { ...own, every: "quarter" };
  if (/^\d{1,2}$/.test(minute) && [hour, day, month, weekday].join(" ") === "* * * *") {
    return { ...own, every: "hour", at: `00:${minute.padStart(2, "0")}` };
  }
  const at = clockOf(minute, hour);
  if (at === null || month !== "*") return own;
  if (day === "*" && weekday === "*") return { ...own, every: "day", at };
  if (day === "*" && /^[0-6]$/.test(weekday)) return { every: "week", at, weekday };
  return day === "1" && weekday === "*" ? { ...own, every: "month", at } : own;
}

/** The cron expression of a rhythm; null for one's own. */
export function cronOf({ every, at, weekday }: Rhythm): string | null {
  const [hour = 0, minute = 0] = at.split(":").map(Number);
  switch (every) {
    case "quarter":
      return "*/15 * * * *";
    case "hour":
      return `${minute} * * * *`;
    case "day":
      return `${minute} ${hour} * * *`;
    case "week":
      return `${minute} ${hour} * * ${weekday}`;
    case "month":
      return `${minute} ${hour} 1 * *`;
    case "own":
      return null;
  }
}
