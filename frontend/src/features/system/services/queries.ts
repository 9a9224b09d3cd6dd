import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { all, answered, client } from "../../../api/client";
import type { LogFilter, ServiceManager } from "../../../api/types";

const MOST = 500; // items a page
const PAGE = 200; // lines of a journal

/** All units, those that Calypso manages first, and whether systemd answers. */
export const services = queryOptions({
  queryKey: ["services", "list"],
  queryFn: async ({ signal }) => {
    let manager: ServiceManager | null = null;
    const items = await all(async (cursor) => {
      const page = await answered(client.GET("/api/v1/system/services", { params: { query: { limit: MOST, cursor } }, signal }));
      manager = page.manager ?? null;
      return page;
    });
    return { items, manager: manager as ServiceManager | null };
  },
});

export const service = (name: string) =>
  queryOptions({
    queryKey: ["services", "one", name],
    queryFn: ({ signal }) => answered(client.GET("/api/v1/system/services/{name}", { params: { path: { name } }, signal })),
  });

/** The journal of a unit, the newest lines first. No event says that a line was written: it is followed, or asked anew. */
export const journal = (name: string, filter: LogFilter) =>
  infiniteQueryOptions({
    queryKey: ["journal", name, filter],
    queryFn: ({ pageParam, signal }) =>
      answered(
        client.GET("/api/v1/system/services/{name}/log", {
          params: { path: { name }, query: { ...filter, limit: PAGE, cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
    staleTime: Infinity,
    gcTime: 0,
  });
