import { infiniteQueryOptions } from "@tanstack/react-query";
import { answered, client } from "../../../api/client";
import { post } from "../../../api/command";
import type { Action } from "../../../ui/action/CommandDialog";

export const driftList = infiniteQueryOptions({
  queryKey: ["drift"],
  queryFn: ({ pageParam, signal }) =>
    answered(client.GET("/api/v1/storage/drift", { params: { query: { limit: 100, cursor: pageParam } }, signal })),
  initialPageParam: "",
  getNextPageParam: (last) => last.next,
});

/** The rule whose alerts say the same as the note of drift. */
export const DRIFT_RULE = "storage.drift";

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
