import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answered, client } from "../../../api/client";
import type { DatasetFilter } from "../../../api/types";

export const datasetList = (filter: DatasetFilter) =>
  infiniteQueryOptions({
    queryKey: ["datasets", "list", filter],
    queryFn: ({ pageParam, signal }) =>
      answered(
        client.GET("/api/v1/storage/datasets", { params: { query: { ...filter, limit: 100, cursor: pageParam } }, signal }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
  });

export const dataset = (id: string) =>
  queryOptions({
    queryKey: ["datasets", "one", id],
    queryFn: ({ signal }) =>
      answered(client.GET("/api/v1/storage/datasets/{dataset_id}", { params: { path: { dataset_id: id } }, signal })),
  });

/** What can be set, for forms; it changes with Calypso only. */
export const propertyTable = queryOptions({
  queryKey: ["dataset properties"],
  queryFn: ({ signal }) => answered(client.GET("/api/v1/storage/datasets/properties", { signal })),
  staleTime: Infinity,
});

/** All that is in a dataset or uses it. */
export const usedBy = (id: string) =>
  queryOptions({
    queryKey: ["datasets", "used by", id],
    queryFn: ({ signal }) =>
      answered(client.GET("/api/v1/storage/datasets/{dataset_id}/used-by", { params: { path: { dataset_id: id } }, signal })),
  });

export const quotas = (id: string) =>
  infiniteQueryOptions({
    queryKey: ["datasets", "quotas", id],
    queryFn: ({ pageParam, signal }) =>
      answered(
        client.GET("/api/v1/storage/datasets/{dataset_id}/quotas", {
          params: { path: { dataset_id: id }, query: { limit: 100, cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.usage.next,
  });
