import {
  type InfiniteData,
  infiniteQueryOptions,
  queryOptions,
  useInfiniteQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
import { answered, client } from "../../api/client";
import { useLiveMessages, useLiveStatus } from "../../api/LiveProvider";
import type { EventPage, LedgerEvent } from "../../api/types";

export interface EventFilter {
  type?: string;
  actor?: string;
  stream?: string;
  operation?: string;
}

const PAGE = 50;
const MOST = 500; // what one answer may hold

/** The latest events of one thing, for its own page. Key ["history"]: every event makes it stale. */
export const history = (filter: EventFilter, limit: number) =>
  queryOptions({
    queryKey: ["history", filter, limit],
    queryFn: ({ signal }) =>
      answered(client.GET("/api/v1/audit/events", { params: { query: { ...filter, limit } }, signal })).then(
        (page) => page.items,
      ),
  });

/** One event by its position. */
export const eventAt = (position: number) =>
  queryOptions({
    queryKey: ["event", position],
    queryFn: ({ signal }) =>
      answered(
        client.GET("/api/v1/audit/events", { params: { query: { after: position - 1, limit: 1 } }, signal }),
      ).then((page) => page.items.filter((event) => event.position === position)),
    staleTime: Infinity, // the ledger never changes
  });

const ENOUGH = 20; // events in which each value of a thing was told at least once, save odd ones

/** The latest events of the same stream before one. */
export const earlierInStream = ({ stream, position, recorded_at }: LedgerEvent) =>
  queryOptions({
    queryKey: ["event", "earlier", position],
    queryFn: ({ signal }) => {
      // The bound is exclusive and what one transaction recorded has one time, so it is set a little later.
      const until = new Date(new Date(recorded_at).getTime() + 1).toISOString();
      const query = { stream, until, limit: ENOUGH };
      return answered(client.GET("/api/v1/audit/events", { params: { query }, signal })).then((page) =>
        page.items.filter((event) => event.position < position),
      );
    },
    staleTime: Infinity,
  });

const feed = (filter: EventFilter) =>
  infiniteQueryOptions({
    queryKey: ["feed", filter],
    queryFn: ({ pageParam, signal }) =>
      answered(
        client.GET("/api/v1/audit/events", { params: { query: { ...filter, limit: PAGE, cursor: pageParam } }, signal }),
      ),
    initialPageParam: "",
    getNextPageParam: (last: EventPage) => last.next,
  });

/**
 * The feed: pages by keyset going back, and new events put on top as they come. Only what lies behind the topmost one is
 * fetched then, however many pages are open.
 */
export function useFeed(filter: EventFilter) {
  const queries = useQueryClient();
  const options = feed(filter);
  const { queryKey } = options;
  const hash = JSON.stringify(queryKey);
  const running = useRef(false);
  const again = useRef(false);

  const fetchNew = useCallback(async () => {
    again.current = true;
    if (running.current) return;
    running.current = true;
    try {
      while (again.current) {
        again.current = false;
        const known = queries.getQueryData(queryKey);
        if (!known) return;
        const after = known.pages[0]?.items[0]?.position ?? 0;
        const query = { ...filter, after, limit: MOST };
        const found = await answered(client.GET("/api/v1/audit/events", { params: { query } }));
        if (found.items.length > 0) queries.setQueryData(queryKey, (old) => old && onTop(old, found.items));
        again.current ||= found.next !== null;
      }
    } catch {
      // The connection is away; it is asked again when it is back.
    } finally {
      running.current = false;
    }
    // hash stands for the filter and the key made of it.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [queries, hash]);

  useLiveMessages(useCallback(() => void fetchNew(), [fetchNew]));
  const { state } = useLiveStatus();
  useEffect(() => {
    if (state === "live") void fetchNew();
  }, [state, fetchNew]);
  return useInfiniteQuery(options);
}

/** New events, given in ascending order, before what is there; those that are there already stay once. */
export function onTop<P>(data: InfiniteData<EventPage, P>, news: LedgerEvent[]): InfiniteData<EventPage, P> {
  const [first, ...rest] = data.pages;
  if (!first) return data;
  const top = first.items[0]?.position ?? 0;
  const added = news.filter((event) => event.position > top).reverse();
  return { ...data, pages: [{ ...first, items: [...added, ...first.items] }, ...rest] };
}
