import { expect, test } from "vitest";
import { word } from "./Differences";

test("what is configured and seen is told as a person reads it", () => {
  expect(word("quota", "1099511627776")).toBe("1.00 TiB");
  expect(word("quota", "none")).toBe("none");
  expect(word("filesystem_limit", "4096")).toBe("4096");
  expect(word("compression", "")).toBe("not set");
});
