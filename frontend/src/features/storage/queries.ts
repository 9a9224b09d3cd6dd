import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { all, answered, client } from "../../api/client";
import type { Pool } from "../../api/types";

const MOST = 500; // items a page
const PROGRESS = 2000; // ms; progress is a sample, not an event, so it alone is polled

export const disks = queryOptions({
  queryKey: ["disks"],
  queryFn: ({ signal }) =>
    all((cursor) => answered(client.GET("/api/v1/storage/disks", { params: { query: { limit: MOST, cursor } }, signal }))),
  placeholderData: keepPreviousData,
});

export function scanning(pool: Pool): boolean {
  return pool.scan?.state === "in_progress" || pool.activities.length > 0;
}

export const pools = queryOptions({
  queryKey: ["pools", "list"],
  queryFn: ({ signal }) =>
    all((cursor) => answered(client.GET("/api/v1/storage/pools", { params: { query: { limit: MOST, cursor } }, signal }))),
  refetchInterval: ({ state }) => (state.data?.some(scanning) ? PROGRESS : false),
});

/** What can be set, for forms; it changes with Calypso only. */
export const poolProperties = queryOptions({
  queryKey: ["pool properties"],
  queryFn: ({ signal }) => answered(client.GET("/api/v1/storage/pools/property-definitions", { signal })).then((table) => table.items),
  staleTime: Infinity,
});

export const pool = (name: string) =>
  queryOptions({
    queryKey: ["pools", "one", name],
    queryFn: ({ signal }) =>
      answered(client.GET("/api/v1/storage/pools/{name}", { params: { path: { name } }, signal })),
    refetchInterval: ({ state }) => (state.data && scanning(state.data) ? PROGRESS : false),
  });

/** Looks at disks and pools now. */
export function useScanNow() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      answered(client.POST("/api/v1/storage/scan", { params: { query: { wait: 10 } }, body: { reason: "" } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["operations"] }),
  });
}
