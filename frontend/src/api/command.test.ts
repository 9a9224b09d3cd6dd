import { afterEach, expect, test, vi } from "vitest";
import { del, patch, post } from "./command";

const given = { key: "k1", reason: "old", confirm: "tank" };

function heard(): Request[] {
  const requests: Request[] = [];
  vi.stubGlobal("fetch", (request: Request) => {
    requests.push(request);
    return Promise.resolve(new Response("{}", { status: 202, headers: { "Content-Type": "application/json" } }));
  });
  return requests;
}

afterEach(() => void vi.unstubAllGlobals());

test("a plan is a dry run of the very command, without key and reason", async () => {
  const requests = heard();
  await post("/api/v1/storage/pools/{name}/scrub", { path: { name: "tank" }, body: { action: "start" } }).plan();
  const [request] = requests;
  expect(request?.method).toBe("POST");
  expect(new URL(request?.url ?? "").pathname).toBe("/api/v1/storage/pools/tank/scrub");
  expect(new URL(request?.url ?? "").search).toBe("?dry_run=true");
  expect(request?.headers.get("Idempotency-Key")).toBeNull();
  expect(await request?.json()).toEqual({ action: "start", reason: "" });
});

test("what runs has its key, the reason, the typed name, and the version that was planned", async () => {
  const requests = heard();
  const versions = [7, 8];
  const version = () => Promise.resolve(versions.shift() ?? 0);
  const ask = patch("/api/v1/storage/pools/{name}", { path: { name: "tank" }, body: { properties: {} }, version });
  await ask.plan();
  await ask.run(given);
  const request = requests[1];
  expect(request?.headers.get("Idempotency-Key")).toBe("k1");
  expect(request?.headers.get("If-Match")).toBe('"7"');
  expect(new URL(request?.url ?? "").search).toBe("");
  expect(await request?.json()).toEqual({ properties: {}, reason: "old", confirm: "tank" });
});

test("no name is sent where none was asked for", async () => {
  const requests = heard();
  const ask = post("/api/v1/storage/pools/{name}/clear", { path: { name: "tank" }, body: {} });
  await ask.run({ ...given, confirm: "" });
  expect(await requests[0]?.json()).toEqual({ reason: "old" });
});

test("a DELETE has no body: reason and name stand in its query", async () => {
  const requests = heard();
  await del("/api/v1/storage/pools/{name}", { path: { name: "tank" } }).run(given);
  expect(new URL(requests[0]?.url ?? "").search).toBe("?reason=old&confirm=tank");
  expect(await requests[0]?.text()).toBe("");
});

test("a refusal is thrown with its field", async () => {
  vi.stubGlobal("fetch", () =>
    Promise.resolve(
      new Response(JSON.stringify({ title: "No such disk.", status: 422, code: "unknown_disk", field: "new" }), {
        status: 422,
        headers: { "Content-Type": "application/problem+json" },
      }),
    ),
  );
  const ask = post("/api/v1/storage/pools/{name}/clear", { path: { name: "tank" }, body: {} });
  await expect(ask.plan()).rejects.toMatchObject({ code: "unknown_disk", field: "new" });
});
