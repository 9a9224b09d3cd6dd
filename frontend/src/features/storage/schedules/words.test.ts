import { expect, test } from "vitest";
import { newValues, valuesOf, wishOf } from "./form";
import { KEEP_ALL } from "./RetentionField";
import { atClockOf, cronOf, retentionWords, rhythmOf } from "./words";

test("retention in words", () => {
  expect(retentionWords(KEEP_ALL)).toBe("all of them, for ever");
  expect(retentionWords({ ...KEEP_ALL, last: 3, hourly: 24, daily: 1, min_age_hours: 6 })).toBe(
    "the latest 3, one an hour for 24 hours, one a day for 1 day; nothing younger than 6 hours goes",
  );
});

test.each(["*/15 * * * *", "7 * * * *", "30 5 * * *", "0 2 * * 0", "15 23 1 * *"])("%s can be chosen without knowing cron", (cron) => {
  const rhythm = rhythmOf(cron);
  expect(rhythm.every).not.toBe("own");
  expect(cronOf(rhythm)).toBe(cron);
});

test.each(["0 4 * * SUN", "0 */6 * * *", "0 2 15 * *", "0 2 * 6 *", "", "nonsense"])("%s stays as it was written", (cron) =>
  expect(rhythmOf(cron).every).toBe("own"),
);

test("a time is told by the schedule's own clock, whatever the browser's is", () => {
  expect(atClockOf("Europe/Berlin", "2026-11-24T02:30:00Z")).toMatch(/^Tue,? 24 Nov, 03:30$/);
  expect(atClockOf("Pacific/Auckland", "2026-11-24T12:00:00Z")).toMatch(/^Wed,? 25 Nov, 01:00$/);
  expect(atClockOf("Europe/Ber", "2026-11-24T02:30:00Z")).toMatch(/^Tue,? 24 Nov, 02:30 UTC$/);
});

test("what is changed begins as what is configured", () => {
  const wish = wishOf({ ...newValues(["tank"]), name: "hourly", "job.dataset": "tank/data", "job.exclude": ["vm"] });
  const row = wish as never;
  expect(wishOf(valuesOf(row), row)).toEqual(wish);
});

test("nothing is left out of what is not recursive", () => {
  const { job } = wishOf({ ...newValues([]), "job.recursive": false, "job.exclude": ["vm"] });
  expect(job).toMatchObject({ recursive: false, exclude: [] });
});
