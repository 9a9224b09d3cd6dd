import { expect, test } from "vitest";
import type { LedgerEvent } from "../../api/types";
import { changes } from "./changes";
import { before, gist } from "./words";

const event = (position: number, data: LedgerEvent["data"], stream = "s") => ({ position, data, stream }) as LedgerEvent;
const layout = (state: string) => ({
  data: [{ name: "mirror-0", state: "ONLINE", children: [{ name: "a", state }, { name: "b", state: "ONLINE" }] }],
});

test("each value with its old and its new one", () => {
  const uses = [{ kind: "filesystem", name: "ext4" }];
  const old = event(1, { uses, broken: false, scan: null, size: 1024 });
  const now = event(2, { fields: ["uses", "broken", "size"], uses: [], broken: true, size: 2048 });
  expect(changes(now, [old])).toEqual([
    { what: "uses", before: "filesystem ext4", after: "none" },
    { what: "broken", before: "no", after: "yes" },
    { what: "size", before: "1.00 KiB", after: "2.00 KiB" },
  ]);
});

test("a part is told by its own name, and only what differs", () => {
  const old = event(1, { state: "ONLINE", layout: layout("ONLINE"), name: "tank" });
  const now = event(2, { before: "ONLINE", state: "DEGRADED", layout: layout("REMOVED"), name: "tank" });
  expect(changes(now, [old])).toEqual([
    { what: "state", before: "ONLINE", after: "DEGRADED" },
    { what: "a state", before: "ONLINE", after: "REMOVED" },
  ]);
  expect(gist(now, [old])).toBe("ONLINE → DEGRADED, a state ONLINE → REMOVED");
});

test("what is not known is not made up", () => {
  const now = event(2, { fields: ["slot"], slot: "4" });
  expect(changes(now)).toEqual([{ what: "slot", before: null, after: "4" }]);
  expect(gist(now)).toBe("slot 4");
});

test("the first sight of a thing is no change", () => {
  const fields = ["guid", "state", "status", "action", "errors", "size"];
  expect(gist(event(2, { fields, guid: "1", state: "ONLINE" }), [event(1, { vdevs: [] })])).toBe("");
});

test("only earlier events of the same stream are compared with", () => {
  const now = event(3, { fields: ["slot"], slot: "4" });
  const rows = [now, event(2, { slot: "9" }, "other"), event(1, { slot: "3" })];
  expect(gist(now, before(rows, 0))).toBe("slot 3 → 4");
});
