import { queryOptions } from "@tanstack/react-query";
import { answered, client } from "../../../api/client";

const EVERY = 30_000; // ms; how far off the clock is, is a sample and no event

export const time = queryOptions({
  queryKey: ["time", "clock"],
  queryFn: ({ signal }) => answered(client.GET("/api/v1/system/time", { signal })),
});

export const zones = queryOptions({
  queryKey: ["time zones"],
  queryFn: ({ signal }) => answered(client.GET("/api/v1/system/time/zones", { signal })).then((found) => found.zones),
  staleTime: Infinity,
});

export const ntp = queryOptions({
  queryKey: ["time", "ntp"],
  queryFn: ({ signal }) => answered(client.GET("/api/v1/system/ntp", { signal })),
  refetchInterval: EVERY,
});

export const hostname = queryOptions({
  queryKey: ["time", "hostname"],
  queryFn: ({ signal }) => answered(client.GET("/api/v1/system/hostname", { signal })),
});

export const dns = queryOptions({
  queryKey: ["time", "dns"],
  queryFn: ({ signal }) => answered(client.GET("/api/v1/system/dns", { signal })),
});
