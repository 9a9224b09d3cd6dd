import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { all, answered, client } from "../../api/client";
import { Problem } from "../../api/problem";
import type { CreatePool, Operation, Plan, Pool, ScrubAction } from "../../api/types";

const MOST = 500; // items a page
const PROGRESS = 2000; // ms; progress is a sample, not an event, so it alone is polled

export const disks = queryOptions({
  queryKey: ["disks"],
  queryFn: ({ signal }) =>
    all((cursor) => answered(client.GET("/api/v1/storage/disks", { params: { query: { limit: MOST, cursor } }, signal }))),
  placeholderData: keepPreviousData,
});

export function scanning(pool: Pool): boolean {
  return pool.scan?.state === "in_progress";
}

export const pools = queryOptions({
  queryKey: ["pools", "list"],
  queryFn: ({ signal }) =>
    all((cursor) => answered(client.GET("/api/v1/storage/pools", { params: { query: { limit: MOST, cursor } }, signal }))),
  refetchInterval: ({ state }) => (state.data?.some(scanning) ? PROGRESS : false),
});

export const pool = (name: string) =>
  queryOptions({
    queryKey: ["pools", "one", name],
    queryFn: ({ signal }) =>
      answered(client.GET("/api/v1/storage/pools/{name}", { params: { path: { name } }, signal })),
    refetchInterval: ({ state }) => (state.data && scanning(state.data) ? PROGRESS : false),
  });

/** Commands: each is asked for twice with the same input, first as a dry run, then for good. */
export interface Given {
  key: string;
  reason: string;
  confirm: string;
}

const PLAN = { dry_run: true };

export const createPool = {
  plan: (body: CreatePool) =>
    answered(client.POST("/api/v1/storage/pools", { params: { query: PLAN }, body })) as Promise<Plan>,
  run: (body: CreatePool, { key, reason, confirm }: Given) =>
    answered(
      client.POST("/api/v1/storage/pools", {
        params: { header: { "Idempotency-Key": key } },
        body: { ...body, reason, confirm: confirm || null },
      }),
    ) as Promise<Operation>,
};

export const destroyPool = {
  /** Its version now. Throws a Problem when the name belongs to another pool by now. */
  version: async ({ id, name }: Pool) => {
    const now = await answered(client.GET("/api/v1/storage/pools/{name}", { params: { path: { name } } }));
    if (now.id === id) return now.version;
    throw new Problem({
      title: `“${name}” is another pool now than the one that this page showed.`,
      status: 412,
      code: "another_pool",
      hint: "Close this, look at it, and decide anew.",
    });
  },
  plan: (name: string) =>
    answered(
      client.DELETE("/api/v1/storage/pools/{name}", { params: { path: { name }, query: PLAN } }),
    ) as Promise<Plan>,
  run: (name: string, version: number, { key, reason, confirm }: Given) =>
    answered(
      client.DELETE("/api/v1/storage/pools/{name}", {
        params: {
          path: { name },
          query: { reason, confirm },
          header: { "Idempotency-Key": key, "If-Match": `"${version}"` },
        },
      }),
    ) as Promise<Operation>,
};

export const scrubPool = {
  plan: (name: string, action: ScrubAction) =>
    answered(
      client.POST("/api/v1/storage/pools/{name}/scrub", {
        params: { path: { name }, query: PLAN },
        body: { action, reason: "" },
      }),
    ) as Promise<Plan>,
  run: (name: string, action: ScrubAction, { key, reason }: Given) =>
    answered(
      client.POST("/api/v1/storage/pools/{name}/scrub", {
        params: { path: { name }, header: { "Idempotency-Key": key } },
        body: { action, reason },
      }),
    ) as Promise<Operation>,
};

/** Looks at disks and pools now. */
export function useScanNow() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      answered(client.POST("/api/v1/storage/scan", { params: { query: { wait: 10 } }, body: { reason: "" } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["operations"] }),
  });
}
