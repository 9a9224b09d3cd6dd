import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { all, answered, client } from "../../../api/client";
import type { ScheduleWish } from "../../../api/types";

const MOST = 500; // items a page

export const schedules = queryOptions({
  queryKey: ["schedules", "list"],
  queryFn: ({ signal }) =>
    all((cursor) => answered(client.GET("/api/v1/storage/schedules", { params: { query: { limit: MOST, cursor } }, signal }))),
});

export const schedule = (name: string) =>
  queryOptions({
    queryKey: ["schedules", "one", name],
    queryFn: ({ signal }) => answered(client.GET("/api/v1/storage/schedules/{name}", { params: { path: { name } }, signal })),
  });

export const runs = (name: string) =>
  infiniteQueryOptions({
    queryKey: ["schedules", "runs", name],
    queryFn: ({ pageParam, signal }) =>
      answered(
        client.GET("/api/v1/storage/schedules/{name}/runs", {
          params: { path: { name }, query: { limit: 50, cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
  });

/** What a schedule would do if it were saved. Nothing is changed by asking. */
export const preview = (wish: ScheduleWish) =>
  queryOptions({
    // Not below ["schedules"]: what happens to schedules does not change what one looks like that is being filled in.
    queryKey: ["schedule preview", wish],
    queryFn: ({ signal }) => answered(client.POST("/api/v1/storage/schedules/preview", { body: wish, signal })),
    placeholderData: keepPreviousData,
    retry: false,
  });
