import { expect, test } from "vitest";
import type { LogEntry, Service } from "../../../api/types";
import { serviceOffers } from "./actions";
import { once } from "./Journal";
import { matching, stateRank, stateWords } from "./words";

const unit = (values: Partial<Service>): Service =>
  ({ unit: "ssh.service", description: "OpenSSH server", part: "", load: "loaded", active: "active", sub: "running", file_state: "enabled", ...values }) as Service;

const ROWS = [
  unit({ unit: "zfs-zed.service", description: "ZFS Event Daemon", part: "ZFS" }),
  unit({ unit: "scst.service", description: "iSCSI target", part: "SCST", active: "failed", sub: "failed" }),
  unit({}),
];
const names = (rows: Service[]) => rows.map((row) => row.unit);

test.each([
  [{ which: "", search: "" }, ["zfs-zed.service", "scst.service", "ssh.service"]],
  [{ which: "managed", search: "" }, ["zfs-zed.service", "scst.service"]],
  [{ which: "failed", search: "" }, ["scst.service"]],
  [{ which: "active", search: "zfs" }, ["zfs-zed.service"]],
  [{ which: "", search: " OPENSSH " }, ["ssh.service"]],
  [{ which: "", search: "none" }, []],
])("the list is narrowed by %o", (filter, expected) => expect(names(matching(ROWS, filter))).toEqual(expected));

test("a state is told in systemd's words, and what failed stands first", () => {
  expect(stateWords(unit({}))).toBe("active (running)");
  expect(stateWords(unit({ active: "failed", sub: "failed" }))).toBe("failed");
  expect([...ROWS].sort((a, b) => stateRank(a) - stateRank(b))[0]?.unit).toBe("scst.service");
});

const BOTH = { operate: true, administer: true };
const labels = (row: Service, may = BOTH) => serviceOffers(row, may).map(({ label }) => label);

test("what is offered follows the state of the unit", () => {
  expect(labels(unit({}))).toEqual(["Restart…", "Stop…", "Reload…", "Disable…", "Mask…"]);
  expect(labels(unit({ active: "failed" }))).toEqual(["Start…", "Disable…", "Mask…"]);
  expect(labels(unit({ active: "inactive", file_state: "disabled" }))).toEqual(["Start…", "Enable…", "Mask…"]);
  expect(labels(unit({ active: "inactive", file_state: "masked" }))).toEqual(["Unmask…"]);
});

test("and the permissions of whoever looks", () => {
  expect(labels(unit({}), { operate: true, administer: false })).toEqual(["Restart…", "Stop…", "Reload…"]);
  expect(labels(unit({}), { operate: false, administer: false })).toEqual([]);
});

test("a line that was followed and fetched as well stands once, in its place", () => {
  const line = (cursor: string) => ({ cursor, message: cursor }) as LogEntry;
  expect(once([line("c"), line("b"), line("b"), line("a")]).map(({ cursor }) => cursor)).toEqual(["c", "b", "a"]);
});
