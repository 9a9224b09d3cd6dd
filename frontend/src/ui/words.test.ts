import { expect, test } from "vitest";
import { inWords } from "./Bytes";
import { quoted } from "./Command";
import { ago, duration } from "./time";

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1.00 KiB"],
  [399_431_958_528, "372 GiB"],
  [4_000_787_030_016, "3.64 TiB"],
  [1_048_575, "1024 KiB"],
])("%i bytes are %s", (bytes, words) => expect(inWords(bytes)).toBe(words));

test.each([
  [55, "55 ms"],
  [3200, "3.2 s"],
  [60_000, "1 min"],
  [250_000, "4 min 10 s"],
  [7_500_000, "2 h 5 min"],
  [90_061_000, "1 d 1 h"],
])("%i ms are %s", (ms, words) => expect(duration(ms)).toBe(words));

test("moments are told relative to now", () => {
  const now = new Date("2026-03-01T12:00:00Z");
  expect(ago(new Date("2026-03-01T11:59:58Z"), now)).toBe("just now");
  expect(ago(new Date("2026-03-01T11:58:00Z"), now)).toBe("2m ago");
  expect(ago(new Date("2026-02-17T12:00:00Z"), now)).toBe("12d ago");
});

test("only what a shell would split or expand is quoted", () => {
  expect(quoted(["zpool", "create", "--", "tank", "/dev/disk/by-id/wwn-0x5"])).toBe(
    "zpool create -- tank /dev/disk/by-id/wwn-0x5",
  );
  expect(quoted(["echo", "it's $HOME", ""])).toBe(`echo 'it'\\''s $HOME' ''`);
});
