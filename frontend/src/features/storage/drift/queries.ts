import { infiniteQueryOptions } from "@tanstack/react-query";
import { answered, client } from "../../../api/client";
import { post } from "../../../api/command";
import type { Alert } from "../../../api/types";
import type { Action } from "../../../ui/action/CommandDialog";

export const driftList = infiniteQueryOptions({
  queryKey: ["drift"],
  queryFn: ({ pageParam, signal }) =>
    answered(client.GET("/api/v1/storage/drift", { params: { query: { limit: 100, cursor: pageParam } }, signal })),
  initialPageParam: "",
  getNextPageParam: (last) => last.next,
});

/** Whether an alert says the same as the note of drift on the page of this address. */
export function saysDrift(address: string): (alert: Pick<Alert, "rule" | "key" | "resource">) => boolean {
  return ({ rule, key, resource }) =>
    resource === address && (rule === "storage.drift" || (rule === "storage.pools" && key.startsWith("drift:")));
}

const nameOf = (address: string) => address.split(".").slice(2).join(".");

export function accept(address: string, missing: boolean): Action {
  return {
    title: missing ? `Forget ${nameOf(address)}` : `Accept what the box has: ${nameOf(address)}`,
    verb: missing ? "Forget" : "Accept",
    ask: () => post("/api/v1/storage/drift/accept", { path: {}, body: { address } }),
  };
}

export function restore(address: string): Action {
  return {
    title: `Restore what was configured: ${nameOf(address)}`,
    verb: "Restore",
    ask: () => post("/api/v1/storage/drift/restore", { path: {}, body: { address } }),
  };
}
