// What a comparison of two snapshots found.
import { useInfiniteQuery } from "@tanstack/react-query";
import { ArrowRight, Minus, Pencil, Plus } from "lucide-react";
import { useParams } from "react-router";
import { toProblem } from "../../../api/problem";
import type { DiffEntry, SnapshotDiff } from "../../../api/types";
import { Badge, type Tone } from "../../../ui/Badge";
import { MoreButton } from "../../../ui/MoreButton";
import { Empty, Mono, PageHead } from "../../../ui/Page";
import { type Column, Table } from "../../../ui/Table";
import { Time } from "../../../ui/Time";
import { diff } from "./queries";

const CHANGES: Record<string, { tone: Tone; word: string; icon: typeof Plus }> = {
  "+": { tone: "ok", word: "made", icon: Plus },
  "-": { tone: "bad", word: "removed", icon: Minus },
  M: { tone: "busy", word: "changed", icon: Pencil },
  R: { tone: "warn", word: "renamed", icon: ArrowRight },
};
const KINDS: Record<string, string> = { F: "file", "/": "folder", "@": "link", B: "block device", C: "device", "|": "pipe", "=": "socket" };

const COLUMNS: Column<DiffEntry>[] = [
  { key: "change", head: "Change", cell: (entry) => <Change entry={entry} /> },
  { key: "kind", head: "Kind", cell: (entry) => KINDS[entry.kind] ?? entry.kind },
  {
    key: "path",
    head: "Path",
    cell: (entry) => (
      <span className="block py-1.5 font-mono text-sm whitespace-normal [overflow-wrap:anywhere]">
        {entry.path}
        {entry.to && <span className="block text-muted">→ {entry.to}</span>}
      </span>
    ),
  },
  { key: "at", head: "When", cell: (entry) => <Time value={entry.at} /> },
];

function Change({ entry: { change } }: { entry: DiffEntry }) {
  const look = CHANGES[change];
  return look ? <Badge tone={look.tone} icon={look.icon}>{look.word}</Badge> : <Mono>{change}</Mono>;
}

export function DiffPage() {
  const { operation = "" } = useParams();
  const query = useInfiniteQuery(diff(operation));
  const found = query.data?.pages[0];
  const up = { to: `/operations/${operation}`, label: "The operation" };
  if (query.error && toProblem(query.error).status === 404) {
    return (
      <>
        <PageHead title="Comparison" up={up} />
        <Empty title="There is no such comparison">
          <p>It may not have ended yet, or later ones took its place: the latest twenty are kept.</p>
        </Empty>
      </>
    );
  }
  return (
    <>
      <PageHead title={found ? `What changed since ${found.older}` : "Comparison"} up={up} about={found && about(found)} />
      <Table
        label="Changes"
        columns={COLUMNS}
        rows={query.data?.pages.flatMap((page) => page.items)}
        id={(entry) => String(entry.number)}
        error={query.error}
        retry={() => void query.refetch()}
        empty={<Empty title="Nothing differs" />}
      />
      <MoreButton query={query} />
    </>
  );
}

function about(found: SnapshotDiff) {
  const changes = `${found.entries.toLocaleString("en")} ${found.entries === 1 ? "change" : "changes"}`;
  return (
    <>
      Up to <Mono>{found.newer}</Mono>: {changes}
      {found.truncated && ", and more that were not kept"}. Compared <Time value={found.made_at} />.
    </>
  );
}
