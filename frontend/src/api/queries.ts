// How all queries behave: the live connection says when to fetch again, so nothing is polled or refetched on a whim.
import { QueryCache, QueryClient } from "@tanstack/react-query";
import { toProblem } from "./problem";

const TRIES = 2;

export function newQueryClient(): QueryClient {
  const client = new QueryClient({
    queryCache: new QueryCache({
      // The session has ended: asking who is logged in leads to the login page.
      onError: (error) => {
        if (toProblem(error).status === 401) void client.invalidateQueries({ queryKey: ["me"] });
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        networkMode: "always", // the box may be reachable where the internet is not
        refetchOnWindowFocus: false,
        retry: (failures, error) => failures < TRIES && toProblem(error).passing,
        retryDelay: (failures) => 500 * 2 ** failures,
      },
      // A write is repeated by a person, with the same idempotency key.
      mutations: { networkMode: "always", retry: false },
    },
  });
  return client;
}
