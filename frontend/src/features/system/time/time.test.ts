import { expect, test } from "vitest";
import type { NtpServer } from "../../../api/types";
import { lineOf, offsetWords, serversOf } from "./servers";
import { answersOf } from "./Sources";

const server = (values: Partial<NtpServer>): NtpServer => ({ address: "192.0.2.1", kind: "server", iburst: true, prefer: false, ...values });

test.each([
  ["192.0.2.1", server({})],
  ["192.0.2.1 prefer", server({ prefer: true })],
  ["pool 2.debian.pool.ntp.org", server({ address: "2.debian.pool.ntp.org", kind: "pool" })],
])("%s is a line of the form, and comes back from it", (line, meant) => {
  expect(lineOf(meant)).toBe(line);
  expect(serversOf([line], [])).toEqual([meant]);
});

test("what stays keeps its burst, what is odd is left to the server to refuse", () => {
  expect(serversOf(["192.0.2.1", "server  a.example"], [server({ iburst: false })])).toEqual([
    server({ iburst: false }),
    server({ address: "a.example" }),
  ]);
  expect(serversOf(["a b c"], [])[0]?.address).toBe("a b c");
  expect(serversOf(["prefer"], [])[0]).toEqual(server({ address: "prefer" }));
});

test.each([
  [-0.0000062, "−6.2 µs"],
  [0.0004, "400.0 µs"],
  [0.25, "250.0 ms"],
  [-2, "−2.0 s"],
])("an offset of %s s reads %s", (seconds, words) => expect(offsetWords(seconds)).toBe(words));

test("reach is bits: each is an answer", () => expect([0, 1, 0b1010, 255].map(answersOf)).toEqual([0, 1, 2, 8]));
