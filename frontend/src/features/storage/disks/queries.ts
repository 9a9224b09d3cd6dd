import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answered, client } from "../../../api/client";
import { toProblem } from "../../../api/problem";
import type { Smart } from "../../../api/types";

const SAMPLED = 60_000; // ms; SMART data are samples, which no event announces

export const disk = (id: string) =>
  queryOptions({
    queryKey: ["disks", "one", id],
    queryFn: ({ signal }) =>
      answered(client.GET("/api/v1/storage/disks/{disk_id}", { params: { path: { disk_id: id } }, signal })),
  });

/** What the disk told of itself; null before the first look. */
export const smart = (id: string) =>
  queryOptions({
    queryKey: ["disks", "smart", id],
    queryFn: async ({ signal }): Promise<Smart | null> => {
      try {
        return await answered(
          client.GET("/api/v1/storage/disks/{disk_id}/smart", { params: { path: { disk_id: id } }, signal }),
        );
      } catch (error) {
        if (toProblem(error).code === "not_looked_yet") return null;
        throw error;
      }
    },
    refetchInterval: SAMPLED,
  });

export const temperatures = (id: string) =>
  infiniteQueryOptions({
    queryKey: ["disks", "temperatures", id],
    queryFn: ({ pageParam, signal }) =>
      answered(
        client.GET("/api/v1/storage/disks/{disk_id}/temperatures", {
          params: { path: { disk_id: id }, query: { limit: 500, cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
    refetchInterval: SAMPLED,
  });
