import { expect, test } from "vitest";
import type { Disk, Pool, Vdev } from "../../../api/types";
import { bySize } from "../disks/DiskField";
import { memberOffers } from "./members";
import { propertyFields, propertyValues } from "./properties";

const pool = { name: "tank" } as Pool;
const ALL = { operate: true, administer: true };
const leaf = (state = "ONLINE", checksum = 0): Vdev =>
  ({ name: "wwn-1", disk: "wwn-1", guid: "1", state, read: 0, write: 0, checksum, note: "", children: [] }) as never;
const group = (name: string): Vdev => ({ ...leaf(), name, disk: "", children: [leaf(), leaf()] });
const labels = (vdev: Vdev, parent: Vdev | null, role = "data", may = ALL) =>
  memberOffers({ pool, role, vdev, parent, disk: undefined }, may).map(({ label }) => label);

test.each([
  ["a side of a mirror", leaf(), group("mirror-0"), ["Replace…", "Attach a disk…", "Take offline…", "Detach…"]],
  ["a member of a RAID-Z", leaf(), group("raidz2-0"), ["Replace…", "Take offline…"]],
  ["a faulted one", leaf("FAULTED"), group("raidz2-0"), ["Clear its errors", "Replace…"]],
  ["one with errors", leaf("ONLINE", 3), group("raidz2-0"), ["Clear its errors", "Replace…", "Take offline…"]],
  ["one that is offline", leaf("OFFLINE"), group("raidz2-0"), ["Bring online…", "Replace…"]],
  ["a disk alone", leaf(), null, ["Replace…", "Attach a disk…", "Remove…"]],
  ["a mirror", group("mirror-0"), null, ["Attach a disk…", "Remove…"]],
  ["a RAID-Z", group("raidz2-0"), null, ["Attach a disk…"]],
])("what can be done to %s", (_, vdev, parent, offers) => expect(labels(vdev, parent)).toEqual(offers));

test("a spare is only taken out; an operator configures nothing", () => {
  expect(labels(leaf("AVAIL"), null, "spare")).toEqual(["Remove…"]);
  const operator = { operate: true, administer: false };
  expect(labels(leaf("OFFLINE"), group("mirror-0"), "data", operator)).toEqual(["Bring online…"]);
});

test("the smallest disk that is big enough is offered first, too small ones last", () => {
  const disks = [
    { name: "lab10", size: 8 },
    { name: "lab2", size: 8 },
    { name: "big", size: 16 },
    { name: "small", size: 2 },
  ] as Disk[];
  expect(bySize(disks, 4).map(({ name }) => name)).toEqual(["lab2", "lab10", "big", "small"]);
});

const RULES = [
  { name: "autotrim", type: "bool", values: ["off", "on"], settable: "always", description: "Trims.", danger: "" },
  { name: "comment", type: "text", values: [], settable: "always", description: "A note.", danger: "" },
  { name: "altroot", type: "path", values: [], settable: "create", description: "", danger: "" },
] as never;

test("only what can be set later is a field, and only what was changed is sent", () => {
  expect(propertyFields(RULES).map(({ name, kind }) => `${name} ${kind}`)).toEqual(["autotrim choice", "comment text"]);
  const before = { autotrim: "off", comment: "old" };
  expect(propertyValues(RULES, before, { ...before, comment: " " })).toEqual({ comment: "" });
  expect(propertyValues(RULES, before, before)).toEqual({});
});
