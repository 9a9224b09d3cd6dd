import { expect, test } from "vitest";
import type { Pool, Vdev } from "../../../api/types";
import { redundancy, shownName, shownNote, vdevsOf } from "./layout";

const one = (name: string, state: string, note: string, children: Vdev[]): Vdev => ({
  name,
  guid: "",
  path: "",
  disk: "",
  type: "",
  state,
  read: 0,
  write: 0,
  checksum: 0,
  note,
  children,
});
const disk = (name: string, state = "ONLINE", note = "") => one(name, state, note, []);
const group = (name: string, children: Vdev[]) => one(name, "ONLINE", "", children);
const spare = (note: string) => one("spare-1", "DEGRADED", "", [disk("b", "REMOVED"), disk("z", "ONLINE", note)]);
const vdev = (name: string, count: number) =>
  group(
    name,
    Array.from({ length: count }, (_, i) => disk(`${name}-${i}`)),
  );
const pool = (layout: Pool["layout"]) => ({ layout }) as Pool;

test.each([
  [[vdev("mirror-0", 2), vdev("mirror-1", 2)], "2 × mirror · survives any 1 disk"],
  [[vdev("raidz2-0", 6)], "raidz2 · survives any 2 disks"],
  [[disk("sda"), disk("sdb")], "2 × stripe · no redundancy"],
  [[vdev("mirror-0", 2), disk("sdb")], "mirror, stripe · no redundancy"],
  [[vdev("draid2:4d:8c:1s-0", 8)], "draid2:4d:8c:1s · survives any 2 disks"],
  [[], "layout unknown"],
  [[group("raidz2-0", [disk("a"), disk("b", "FAULTED"), disk("c"), disk("d")])], "raidz2 · survives any 1 more disk"],
  [[group("mirror-0", [disk("a"), disk("b", "REMOVED")])], "mirror · no redundancy left"],
  [[group("mirror-0", [disk("a"), spare("")])], "mirror · survives any 1 disk"],
  [[group("mirror-0", [disk("a"), spare("(resilvering)")])], "mirror · no redundancy left"],
])("the layout %# is told as %s", (data, words) => expect(redundancy(pool({ data }))).toBe(words));

test("data comes first, roles without devices are left out", () => {
  const layout = { spare: [disk("sdz")], log: [], data: [disk("sda")], odd: [disk("sdo")] };
  expect(vdevsOf(pool(layout)).map(([role]) => role)).toEqual(["data", "spare", "odd"]);
});

test("a disk that was pulled is told by its id, not by its number in ZFS, and not by where it was", () => {
  const away = { ...disk("9743482301", "REMOVED", "was /dev/disk/by-id/wwn-1-part1"), disk: "wwn-1" };
  expect([shownName(away), shownNote(away)]).toEqual(["wwn-1", ""]);
  const unknown = { ...away, disk: "" };
  expect([shownName(unknown), shownNote(unknown)]).toEqual(["9743482301", "was /dev/disk/by-id/wwn-1-part1"]);
  expect(shownNote(disk("wwn-2", "ONLINE", "resilvering"))).toBe("resilvering");
});
