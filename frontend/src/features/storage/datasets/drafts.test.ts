import { expect, test } from "vitest";
import type { DatasetDetail, PropertyRule } from "../../../api/types";
import { changesOf, danger, draftsOf, settable, sizeText } from "./drafts";

const rule = (name: string, more: Partial<PropertyRule> = {}): PropertyRule => ({
  name,
  type: "enum",
  default: "on",
  description: "",
  types: ["filesystem", "volume"],
  values: ["on", "off"],
  inheritable: true,
  settable: "always",
  least: 0,
  most: 2 ** 53,
  power_of_two: false,
  danger: "",
  risky: [],
  ...more,
});
const RULES = [
  rule("atime", { types: ["filesystem"] }),
  rule("quota", { type: "size", values: ["none"], inheritable: false, types: ["filesystem"] }),
  rule("recordsize", { type: "size", values: [], types: ["filesystem"] }),
  rule("casesensitivity", { settable: "create", types: ["filesystem"] }),
  rule("volsize", { type: "size", values: [], inheritable: false, types: ["volume"] }),
];

test.each([
  [0, "0"],
  [1000, "1000"],
  [131_072, "128K"],
  [10 * 1024 ** 3, "10G"],
  [1.5 * 1024 ** 4, "1536G"],
])("%i bytes are written as %s, without loss", (bytes, text) => expect(sizeText(bytes)).toBe(text));

test("only what a type has and what can be set now is offered", () => {
  const names = (...args: Parameters<typeof settable>) => settable(...args).flat().map(({ name }) => name).sort();
  expect(names(RULES, "filesystem", false)).toEqual(["atime", "quota", "recordsize"]);
  expect(names(RULES, "filesystem", true)).toEqual(["atime", "casesensitivity", "quota", "recordsize"]);
  expect(names(RULES, "volume", false)).toEqual(["volsize"]);
  // A new volume's size is asked for by itself.
  expect(names(RULES, "volume", true)).toEqual([]);
});

test("what is set on the dataset itself stands in the form, the rest comes from above", () => {
  const row = {
    volsize: null,
    properties: {
      atime: { value: "off", source: "local", from: "" },
      quota: { value: "0", source: "default", from: "" },
      recordsize: { value: "1048576", source: "inherited", from: "tank" },
    },
  } as unknown as DatasetDetail;
  expect(draftsOf(row, RULES.slice(0, 3))).toEqual({ atime: "off", quota: "none", recordsize: null });
});

test("only what was changed is sent: as a value, or as to be inherited again", () => {
  const before = { atime: "off", quota: "none", recordsize: null };
  expect(changesOf({ before, after: before })).toEqual({ properties: {}, inherit: [] });
  expect(changesOf({ before, after: { atime: null, quota: " 10G ", recordsize: null } })).toEqual({
    properties: { quota: "10G" },
    inherit: ["atime"],
  });
  expect(changesOf({ before: {}, after: { quota: "", atime: "on" } })).toEqual({ properties: { atime: "on" }, inherit: [] });
});

test("a danger is told when it is about to be chosen, not when it is so already", () => {
  const sync = rule("sync", { danger: "Writes are lost.", risky: ["disabled"] });
  expect(danger(sync, null, "disabled")).toBe("Writes are lost.");
  expect(danger(sync, "disabled", "disabled")).toBe("");
  expect(danger(sync, null, "always")).toBe("");
});
