import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LiveConnection } from "./live";

class FakeSocket {
  static all: FakeSocket[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  close = () => undefined;
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

const ready = vi.fn();
const loggedOut = vi.fn();
let connection: LiveConnection;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
  FakeSocket.all = [];
  ready.mockReset();
  loggedOut.mockReset();
  connection = new LiveConnection((since) => `ws://box/?since=${since ?? "now"}`, ready, loggedOut);
  connection.start();
});
afterEach(() => {
  connection.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("it is live when all up to now has been told", () => {
  last().onopen?.();
  expect(connection.getStatus().state).toBe("catching-up");
  last().say({ control: "ready", position: 7 });
  expect(connection.getStatus()).toEqual({ state: "live", asOf: null });
  expect(ready).toHaveBeenCalledOnce();
});

test("it reconnects from the last position, and says as of when it was lost", () => {
  const heard: number[] = [];
  connection.listen((message) => heard.push(message.position));
  last().onopen?.();
  last().say({ control: "ready", position: 7 });
  last().say({ position: 8, type: "storage.DiskAttached.v1", keys: [] });
  last().onclose?.({ code: 1012 });
  expect(connection.getStatus().state).toBe("lost");
  const { asOf } = connection.getStatus();
  expect(asOf).toBeInstanceOf(Date);
  vi.advanceTimersByTime(1000);
  expect(last().url).toBe("ws://box/?since=8");
  last().onopen?.();
  expect(connection.getStatus()).toEqual({ state: "catching-up", asOf });
  last().say({ position: 9, type: "storage.DiskDetached.v1", keys: [] });
  last().say({ control: "ready", position: 9 });
  expect(connection.getStatus()).toEqual({ state: "live", asOf: null });
  expect(heard).toEqual([8, 9]);
});

test("it waits longer after each failure, up to a limit", () => {
  const times: number[] = [];
  for (let i = 0; i < 12; i++) {
    const before = FakeSocket.all.length;
    const start = Date.now();
    last().onclose?.({ code: 1006 });
    while (FakeSocket.all.length === before) vi.advanceTimersByTime(50);
    times.push(Date.now() - start);
  }
  expect(times[0]).toBeLessThan(500);
  expect(Math.max(...times)).toBeLessThan(20_000);
  expect(times.at(-1)).toBeGreaterThan(10_000);
});

test("it ends with the session", () => {
  last().onclose?.({ code: 4401 });
  vi.advanceTimersByTime(60_000);
  expect(loggedOut).toHaveBeenCalledOnce();
  expect(FakeSocket.all).toHaveLength(1);
});

test("it begins anew when the ledger is shorter than what it saw", () => {
  last().say({ control: "ready", position: 70 });
  last().onclose?.({ code: 4409 });
  vi.advanceTimersByTime(1000);
  expect(last().url).toBe("ws://box/?since=now");
});
