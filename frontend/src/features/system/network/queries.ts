import { queryOptions } from "@tanstack/react-query";
import { all, answered, client } from "../../../api/client";

const MOST = 500; // items a page

export const network = queryOptions({
  queryKey: ["network", "state"],
  queryFn: ({ signal }) => answered(client.GET("/api/v1/system/network", { signal })),
});

export const interfaces = queryOptions({
  queryKey: ["network", "interfaces"],
  queryFn: ({ signal }) =>
    all((cursor) => answered(client.GET("/api/v1/system/interfaces", { params: { query: { limit: MOST, cursor } }, signal }))),
});

export const routes = queryOptions({
  queryKey: ["network", "routes"],
  queryFn: ({ signal }) =>
    all((cursor) => answered(client.GET("/api/v1/system/routes", { params: { query: { limit: MOST, cursor } }, signal }))),
});
