import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answered, client } from "../../../api/client";

const EVERY = 15_000; // ms; a check is a look, and no event says that it would come out otherwise

export const checks = queryOptions({
  queryKey: ["checks"],
  queryFn: ({ signal }) => answered(client.GET("/api/v1/health/checks", { signal })),
  refetchInterval: EVERY,
});

export const power = queryOptions({
  queryKey: ["power", "now"],
  queryFn: ({ signal }) => answered(client.GET("/api/v1/system/power", { signal })),
});

export const boots = infiniteQueryOptions({
  queryKey: ["power", "boots"],
  queryFn: ({ pageParam, signal }) =>
    answered(client.GET("/api/v1/system/power/boots", { params: { query: { limit: 10, cursor: pageParam } }, signal })),
  initialPageParam: "",
  getNextPageParam: (last) => last.next,
});

export const bundles = infiniteQueryOptions({
  queryKey: ["bundles"],
  queryFn: ({ pageParam, signal }) =>
    answered(client.GET("/api/v1/system/support-bundles", { params: { query: { limit: 20, cursor: pageParam } }, signal })),
  initialPageParam: "",
  getNextPageParam: (last) => last.next,
});
