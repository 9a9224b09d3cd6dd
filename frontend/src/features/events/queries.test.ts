import { expect, test } from "vitest";
import type { LedgerEvent } from "../../api/types";
import { onTop } from "./queries";
import { deed, gist } from "./words";

const event = (position: number, data: LedgerEvent["data"] = {}) => ({ position, data }) as LedgerEvent;

test("new events come on top once, the latest first", () => {
  const before = { pages: [{ items: [event(5), event(4)], next: null }], pageParams: [""] };
  const after = onTop(before, [event(5), event(6), event(7)]);
  expect(after.pages[0]?.items.map((e) => e.position)).toEqual([7, 6, 5, 4]);
  expect(onTop(after, [event(6), event(7)]).pages[0]?.items).toHaveLength(4);
});

test("an event in words", () => {
  expect(deed("storage.PoolCreated.v1")).toBe("Pool created");
  expect(gist(event(1, { argv: ["zpool", "scrub", "--", "tank"], step: 0 }))).toBe("zpool scrub -- tank");
  expect(gist(event(1, { before: "ONLINE", state: "DEGRADED" }))).toBe("ONLINE → DEGRADED");
  expect(gist(event(1, { error: { message: "No such pool." } }))).toBe("No such pool.");
});
