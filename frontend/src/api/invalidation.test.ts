import { QueryClient } from "@tanstack/react-query";
import { expect, test, vi } from "vitest";
import { Invalidation, staleAfter } from "./invalidation";

const message = (type: string, ...keys: string[]) => ({ position: 1, type, keys });

test("an event makes stale what shows its subject", () => {
  expect(staleAfter(message("storage.DiskAttached.v1", "storage.disk.sda"))).toEqual([["history"], ["disks"]]);
  expect(staleAfter(message("storage.PoolCreated.v1", "storage.pool.tank"))).toContainEqual(["pools"]);
  expect(staleAfter(message("operations.StepStarted.v1", "operation.1"))).toContainEqual(["operations"]);
});

test("a schedule is looked at when an operation has ended, not at each of its steps", () => {
  expect(staleAfter(message("operations.StepFinished.v1", "operation.1"))).not.toContainEqual(["schedules"]);
  expect(staleAfter(message("operations.OperationFailed.v1", "operation.1"))).toContainEqual(["schedules"]);
  expect(staleAfter(message("storage.ScheduleChanged.v1", "storage.schedule.nightly"))).toContainEqual(["schedules"]);
});

test("a storm is refetched in rounds, and its last event is never missed", async () => {
  const queries = new QueryClient();
  const ends: (() => void)[] = [];
  const refetch = vi
    .spyOn(queries, "invalidateQueries")
    .mockImplementation(() => new Promise((resolve) => ends.push(() => resolve())));
  const invalidation = new Invalidation(queries);
  const pool = message("storage.PoolChanged.v1", "storage.pool.tank");
  invalidation.add(pool);
  const round = staleAfter(pool).length;
  await vi.waitFor(() => expect(refetch).toHaveBeenCalledTimes(round));
  for (let i = 0; i < 100; i++) invalidation.add(pool);
  expect(refetch).toHaveBeenCalledTimes(round);
  ends.splice(0).forEach((end) => end());
  await vi.waitFor(() => expect(refetch).toHaveBeenCalledTimes(2 * round));
});

test.each([
  ["system.service.ssh.service", "services"],
  ["system.services", "services"],
  ["system.ntp", "time"],
  ["system.hostname", "time"],
  ["system.network", "network"],
  ["system.interface.mgmt0", "network"],
  ["system.power", "power"],
  ["system.bundle", "bundles"],
])("an event about %s makes the page of %s stale", (key, page) => {
  expect(staleAfter(message("system.Something.v1", key))).toContainEqual([page]);
});
