import { expect, test } from "vitest";
import type { Disk, Pool } from "../../api/types";
import { needy, worstFirst } from "./order";

test("pools that are not well stand first, then the fullest", () => {
  const pool = (name: string, state: string, capacity: number) => ({ name, state, usage: { capacity } }) as Pool;
  const pools = [pool("a", "ONLINE", 5), pool("b", "ONLINE", 90), pool("c", "DEGRADED", 1)];
  expect(worstFirst(pools).map(({ name }) => name)).toEqual(["c", "b", "a"]);
});

const WELL = { broken: false, failing: false, smart: null, last_wipe: null, pool: null, place: null };
const place = (state: string, checksum = 0) => ({ state, read: 0, write: 0, checksum });

test.each([
  ["a disk that is well", {}, false],
  ["one in a pool", { place: place("ONLINE") }, false],
  ["one that was taken offline", { place: place("OFFLINE") }, false],
  ["a spare", { place: place("AVAIL") }, false],
  ["a broken one", { broken: true }, true],
  ["a failing one", { failing: true }, true],
  ["one with errors", { place: place("ONLINE", 2) }, true],
  ["a faulted one", { place: place("FAULTED") }, true],
  ["one too warm by its own limit", { smart: { temperature: 50, temperature_limit: 50 } }, true],
  ["one as warm without a limit", { smart: { temperature: 50, temperature_limit: null } }, false],
  ["one half wiped", { last_wipe: { state: "partly" } }, true],
])("%s", (_, more, expected) => expect(needy({ ...WELL, ...more } as unknown as Disk)).toBe(expected));
