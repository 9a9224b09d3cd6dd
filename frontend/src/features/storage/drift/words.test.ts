import { expect, test } from "vitest";
import { word } from "./Differences";
import { saysDrift } from "./queries";

test("what is configured and seen is told as a person reads it", () => {
  expect(word("quota", "1099511627776")).toBe("1.00 TiB");
  expect(word("quota", "none")).toBe("none");
  expect(word("filesystem_limit", "4096")).toBe("4096");
  expect(word("compression", "")).toBe("not set");
});

test("an alert of drift is left to the note of it, but not that of something below, nor any other", () => {
  const told = saysDrift("storage.dataset.tank/data");
  expect(told({ rule: "storage.drift", key: "1", resource: "storage.dataset.tank/data" })).toBe(true);
  expect(told({ rule: "storage.drift", key: "2", resource: "storage.dataset.tank/data/below" })).toBe(false);
  expect(told({ rule: "storage.locked", key: "1", resource: "storage.dataset.tank/data" })).toBe(false);
  expect(saysDrift("storage.pool.tank")({ rule: "storage.pools", key: "drift:1", resource: "storage.pool.tank" })).toBe(true);
  expect(saysDrift("storage.pool.tank")({ rule: "storage.pools", key: "state:1", resource: "storage.pool.tank" })).toBe(false);
});
