import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { answered, client } from "../../api/client";
import type { Operation } from "../../api/types";

export const operationList = (filter: { state: string; resource: string }) =>
  infiniteQueryOptions({
    queryKey: ["operations", "list", filter],
    queryFn: ({ pageParam, signal }) =>
      answered(
        client.GET("/api/v1/operations", { params: { query: { ...filter, limit: 50, cursor: pageParam } }, signal }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
  });

export const latestOperations = queryOptions({
  queryKey: ["operations", "latest"],
  queryFn: ({ signal }) =>
    answered(client.GET("/api/v1/operations", { params: { query: { limit: 10 } }, signal })).then((page) => page.items),
});

const FALLBACK = 2000; // ms; the live connection is what normally brings the news

export const operation = (id: string) =>
  queryOptions({
    queryKey: ["operations", "one", id],
    queryFn: ({ signal }) =>
      answered(client.GET("/api/v1/operations/{operation_id}", { params: { path: { operation_id: id } }, signal })),
    refetchInterval: ({ state }) => (state.data && finished(state.data) ? false : FALLBACK),
  });

export function finished({ state }: Operation): boolean {
  return state !== "queued" && state !== "running";
}

/** How long it ran, in ms; null while it has not begun. */
export function lasted(operation: Operation, now: Date): number | null {
  if (operation.started_at === null) return null;
  const end = operation.ended_at === null ? now : new Date(operation.ended_at);
  return Math.max(0, end.getTime() - new Date(operation.started_at).getTime());
}

export function useCancel() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      answered(
        client.POST("/api/v1/operations/{operation_id}/cancel", {
          params: { path: { operation_id: id } },
          body: { reason: "" },
        }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: ["operations"] }),
  });
}
