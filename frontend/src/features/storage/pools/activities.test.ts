import { expect, test } from "vitest";
import type { Pool } from "../../../api/types";
import { workIn } from "./activities";
import { removalOffers, spreadOffers } from "./work";

const one = (vdev: string, state = "active", percent = 0, seconds_to_go: number | null = null, kind = "trim") => ({
  kind,
  vdev,
  state,
  percent,
  started_at: 1,
  rate: 10,
  seconds_to_go,
});
const pool = (...activities: ReturnType<typeof one>[]) => ({ name: "tank", activities }) as unknown as Pool;

test("few disks are told one by one, many as one piece of work that ends with the last of them", () => {
  expect(workIn(pool(one("a"), one("b"))).map(({ vdevs }) => vdevs)).toEqual([["a"], ["b"]]);
  const many = pool(one("a", "active", 10, 60), one("b", "active", 20, 90), one("c", "active", 30, 5), one("d", "active", 60, 1));
  expect(workIn(many)).toEqual([
    { kind: "trim", waits: false, state: "in progress", vdevs: ["a", "b", "c", "d"], percent: 30, rate: 40, seconds_to_go: 90 },
  ]);
});

test("where there is little room, two are one already", () => {
  expect(workIn(pool(one("a"), one("b")), 1).map(({ vdevs }) => vdevs)).toEqual([["a", "b"]]);
});

test("what waits is told apart, and an end that one of them does not know is not made up", () => {
  const half = pool(...["a", "b", "c", "d"].map((disk) => one(disk, "active", 0, disk === "d" ? null : 9)), one("e", "suspended"));
  expect(workIn(half).map(({ state, seconds_to_go }) => [state, seconds_to_go])).toEqual([
    ["in progress", null],
    ["suspended", null],
  ]);
});

test.each([
  ["rests", pool(), ["Trim"]],
  ["is trimmed", pool(one("a")), ["Suspend trim", "Cancel trim"]],
  ["is suspended", pool(one("a", "suspended")), ["Resume trim", "Cancel trim"]],
  ["is partly suspended", pool(one("a", "suspended"), one("b")), ["Resume trim", "Suspend trim", "Cancel trim"]],
  ["is initialized", pool(one("a", "active", 0, null, "initialize")), ["Trim"]],
])("what is offered while a pool %s", (_, given, labels) =>
  expect(spreadOffers(given, "trim").map(({ label }) => label)).toEqual(labels),
);

test("a removal can be called off only while it goes on", () => {
  expect(removalOffers(pool(one("a")))).toEqual([]);
  expect(removalOffers(pool(one("mirror-1", "in_progress", 0, null, "remove"))).map(({ label }) => label)).toEqual(["Cancel removal"]);
});
