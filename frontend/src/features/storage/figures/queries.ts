// Figures are samples: no event announces them, so these alone are polled, and only while somebody looks.
import { queryOptions } from "@tanstack/react-query";
import { answered, client } from "../../../api/client";

const LIVE = 5000; // ms
const SLOW = 60_000; // ms

export const poolIo = (name: string) =>
  queryOptions({
    queryKey: ["figures", "io", name],
    queryFn: ({ signal }) =>
      answered(client.GET("/api/v1/storage/pools/{name}/io", { params: { path: { name } }, signal })),
    refetchInterval: LIVE,
  });

export const poolCapacity = (name: string, days: number) =>
  queryOptions({
    queryKey: ["figures", "capacity", name, days],
    queryFn: ({ signal }) =>
      answered(client.GET("/api/v1/storage/pools/{name}/capacity", { params: { path: { name }, query: { days } }, signal })),
    refetchInterval: SLOW,
  });

export const arc = queryOptions({
  queryKey: ["figures", "arc"],
  queryFn: ({ signal }) => answered(client.GET("/api/v1/storage/arc", { signal })),
  refetchInterval: LIVE,
});
