import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answered, client } from "../../../api/client";
import type { SnapshotFilter } from "../../../api/types";

export const snapshotList = (filter: SnapshotFilter) =>
  infiniteQueryOptions({
    queryKey: ["snapshots", "list", filter],
    queryFn: ({ pageParam, signal }) =>
      answered(
        client.GET("/api/v1/storage/snapshots", { params: { query: { ...filter, limit: 100, cursor: pageParam } }, signal }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
  });

/** How many the filter finds, and what they alone have together. */
export const snapshotCount = (filter: SnapshotFilter) =>
  queryOptions({
    queryKey: ["snapshots", "count", filter],
    queryFn: ({ signal }) =>
      answered(client.GET("/api/v1/storage/snapshots/count", { params: { query: filter }, signal })),
  });

/** What a comparison found, by its operation. */
export const diff = (operation: string) =>
  infiniteQueryOptions({
    queryKey: ["snapshots", "diff", operation],
    queryFn: ({ pageParam, signal }) =>
      answered(
        client.GET("/api/v1/storage/snapshots/diffs/{operation_id}", {
          params: { path: { operation_id: operation }, query: { limit: 200, cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
  });
