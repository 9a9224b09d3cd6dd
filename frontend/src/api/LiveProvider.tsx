// Gives the page its live connection, for as long as somebody is logged in.
import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from "react";
import { Invalidation } from "./invalidation";
import { LiveConnection, type LiveMessage, type LiveStatus } from "./live";

const Context = createContext<LiveConnection | null>(null);

function address(since: number | null): string {
  const scheme = window.location.protocol === "https:" ? "wss" : "ws";
  return `${scheme}://${window.location.host}/ws/v1/live${since === null ? "" : `?since=${since}`}`;
}

export function LiveProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [connection] = useState(
    () =>
      new LiveConnection(
        address,
        // What failed or was fetched while the connection was away is fetched again.
        () => void queries.invalidateQueries(),
        () => void queries.resetQueries({ queryKey: ["me"] }),
      ),
  );

  useEffect(() => {
    const invalidation = new Invalidation(queries);
    const silence = connection.listen((message) => invalidation.add(message));
    connection.start();
    return () => {
      silence();
      connection.stop();
    };
  }, [connection, queries]);

  return <Context value={connection}>{children}</Context>;
}

function useConnection(): LiveConnection {
  const connection = useContext(Context);
  if (connection === null) throw new Error("LiveProvider is missing");
  return connection;
}

export function useLiveStatus(): LiveStatus {
  const connection = useConnection();
  return useSyncExternalStore(connection.watch, connection.getStatus);
}

/** Calls back for each event; the callback must be stable. */
export function useLiveMessages(callback: (message: LiveMessage) => void): void {
  const connection = useConnection();
  useEffect(() => connection.listen(callback), [connection, callback]);
}
