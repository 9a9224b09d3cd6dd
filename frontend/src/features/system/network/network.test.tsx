import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { LinkState } from "./NetworkPage";
import { kindWords, speedWords, troubles } from "./words";

test.each([
  [{ speed: null, duplex: "" }, "–"],
  [{ speed: 100, duplex: "half" }, "100 Mbit/s half"],
  [{ speed: 2500, duplex: "" }, "2.5 Gbit/s"],
])("%o reads %s", (told, words) => expect(speedWords(told)).toBe(words));

test("what an interface is made of is told", () => {
  expect(kindWords({ kind: "vlan", vlan: 7, parent: "bond0", members: [] })).toBe("vlan 7 on bond0");
  expect(kindWords({ kind: "bond", vlan: null, parent: "", members: ["a", "b"] })).toBe("bond of a, b");
  expect(kindWords({ kind: "ethernet", vlan: null, parent: "", members: [] })).toBe("ethernet");
});

test("errors and drops are counted both ways", () => {
  const counters = { rx_errors: 1, tx_errors: 2, rx_dropped: 4, tx_dropped: 8 } as never;
  expect(troubles({ counters })).toBe(15);
  expect(troubles({ counters: null })).toBe(0);
});

test.each([
  [{ up: false, carrier: false, state: "down" }, "switched off"],
  [{ up: true, carrier: false, state: "down" }, "no carrier"],
  [{ up: true, carrier: true, state: "up" }, "up"],
])("%o is %s", (row, words) => {
  render(<LinkState row={row} />);
  screen.getByText(words);
});
