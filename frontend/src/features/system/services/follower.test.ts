import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Follower, type Followed, journalAddress, MOST_KEPT } from "./follower";

class FakeSocket {
  static all: FakeSocket[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  close = vi.fn();
  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }
  say(message: object) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

function last(): FakeSocket {
  const socket = FakeSocket.all.at(-1);
  if (!socket) throw new Error("nothing has connected");
  return socket;
}

const line = (cursor: string) => ({ cursor, at: 1, priority: "info", identifier: "sshd", pid: 1, message: cursor });
let now: Followed;
let follower: Follower;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
  FakeSocket.all = [];
  follower = new Follower((after) => `ws://box/?after=${after}`, "a", (changed) => (now = changed));
  follower.start();
});
afterEach(() => {
  follower.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("lines stand with the newest first, and what was left out is counted", () => {
  expect(last().url).toBe("ws://box/?after=a");
  last().onopen?.();
  expect(now.state).toBe("live");
  last().say({ entries: [line("b"), line("c")] });
  last().say({ entries: [line("d")], dropped: 40 });
  expect(now.entries.map(({ cursor }) => cursor)).toEqual(["d", "c", "b"]);
  expect(now.entries[0]?.at).toBe("1970-01-01T00:00:01.000Z");
  expect(now.dropped).toBe(40);
});

test("a lost connection goes on behind the last line", () => {
  last().onopen?.();
  last().say({ entries: [line("b")] });
  last().onclose?.({ code: 4500, reason: "" });
  expect(now.state).toBe("lost");
  vi.advanceTimersByTime(1000);
  expect(FakeSocket.all).toHaveLength(2);
  expect(last().url).toBe("ws://box/?after=b");
  last().onopen?.();
  expect(now.state).toBe("live");
  expect(now.entries).toHaveLength(1);
});

test("what is refused is told, and not asked for again", () => {
  last().say({ error: { code: "cursor_gone", message: "The journal has no such place any more." } });
  last().onclose?.({ code: 4400, reason: "" });
  vi.advanceTimersByTime(60_000);
  expect(FakeSocket.all).toHaveLength(1);
  expect(now.state).toBe("ended");
  expect(now.problem?.message).toBe("The journal has no such place any more.");
});

test("nothing is heard after the end, and a noisy unit fills no memory", () => {
  last().say({ entries: Array.from({ length: MOST_KEPT + 5 }, (_, at) => line(String(at))) });
  expect(now.entries).toHaveLength(MOST_KEPT);
  const socket = last();
  follower.stop();
  socket.say({ entries: [line("late")] });
  expect(socket.close).toHaveBeenCalled();
  expect(now.entries[0]?.cursor).toBe(String(MOST_KEPT + 4));
});

test("the address names the unit, the filters and the last line", () => {
  const address = journalAddress("a@b.service", { priority: "err", text: "x y" }, "s=1;i=2");
  expect(Object.fromEntries(new URL(address).searchParams)).toEqual({ unit: "a@b.service", after: "s=1;i=2", priority: "err", text: "x y" });
  expect([...new URL(journalAddress("a.service", {}, "")).searchParams.keys()]).toEqual(["unit"]);
});
