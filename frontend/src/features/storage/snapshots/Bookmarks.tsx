// The bookmarks of a dataset: moments that later changes can still be sent from.
import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { answered, client } from "../../../api/client";
import { del } from "../../../api/command";
import type { Bookmark } from "../../../api/types";
import { ActionBar } from "../../../ui/action/ActionBar";
import { MoreButton } from "../../../ui/MoreButton";
import { Mono } from "../../../ui/Page";
import { type Column, Table } from "../../../ui/Table";
import { Time } from "../../../ui/Time";
import { useMay } from "../../auth/queries";

const bookmarkList = (dataset: string) =>
  infiniteQueryOptions({
    queryKey: ["snapshots", "bookmarks", dataset],
    queryFn: ({ pageParam, signal }) =>
      answered(client.GET("/api/v1/storage/bookmarks", { params: { query: { dataset, limit: 100, cursor: pageParam } }, signal })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
  });

const COLUMNS: Column<Bookmark>[] = [
  { key: "name", head: "Bookmark", cell: (row) => <Mono>#{row.name}</Mono> },
  { key: "created", head: "Of the moment", cell: (row) => <Time value={row.created_at} /> },
  { key: "guid", head: "GUID of its snapshot", cell: (row) => <Mono>{row.guid}</Mono> },
  { key: "act", head: "", cell: (row) => <Actions row={row} />, right: true, pinned: true },
];

function Actions({ row }: { row: Bookmark }) {
  if (!useMay("administer")) return null;
  const destroy = () => ({
    title: `Destroy bookmark ${row.full_name}`,
    verb: "Destroy",
    ask: () => del("/api/v1/storage/bookmarks", { path: {}, query: { name: row.full_name } }),
  });
  return (
    <ActionBar quiet label={`Actions for ${row.full_name}`} offers={[{ label: "Destroy…", icon: Trash2, danger: true, open: destroy }]} />
  );
}

/** Nothing is shown of a dataset that has none, for few have. */
export function Bookmarks({ dataset }: { dataset: string }) {
  const query = useInfiniteQuery(bookmarkList(dataset));
  const rows = query.data?.pages.flatMap((page) => page.items);
  if (rows?.length === 0) return null;
  return (
    <>
      <h2 className="text-sm font-semibold">Bookmarks</h2>
      <Table
        label="Bookmarks"
        columns={COLUMNS}
        rows={rows}
        id={(row) => row.id}
        error={query.error}
        retry={() => void query.refetch()}
        empty={null}
      />
      <MoreButton query={query} />
    </>
  );
}
