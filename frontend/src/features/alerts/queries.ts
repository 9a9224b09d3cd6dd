import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answered, client } from "../../api/client";
import { post } from "../../api/command";
import type { Alert, AlertFilter } from "../../api/types";
import type { Action } from "../../ui/action/CommandDialog";

const MOST = 200; // standing alerts that are counted and shown on the pages of what they are about

export const alertList = (filter: AlertFilter) =>
  infiniteQueryOptions({
    queryKey: ["alerts", "list", filter],
    queryFn: ({ pageParam, signal }) =>
      answered(client.GET("/api/v1/alerts", { params: { query: { ...filter, limit: 50, cursor: pageParam } }, signal })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
  });

/** Those that hold now, acknowledged or not: all, or those about one thing and what lies below it. */
export const standing = (resource = "") =>
  queryOptions({
    queryKey: ["alerts", "standing", resource],
    queryFn: ({ signal }) =>
      answered(
        client.GET("/api/v1/alerts", { params: { query: { state: "standing", resource, limit: MOST } }, signal }),
      ).then((page) => page.items),
  });

const ORDER: Alert["severity"][] = ["critical", "warning", "info"];

/** The worst first. */
export function bySeverity(a: Alert, b: Alert): number {
  return ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity);
}

export function acknowledge(alert: Alert): Action {
  return {
    title: `Acknowledge: ${alert.title}`,
    verb: "Acknowledge",
    ask: () => post("/api/v1/alerts/{alert_id}/acknowledge", { path: { alert_id: alert.id } }),
  };
}
