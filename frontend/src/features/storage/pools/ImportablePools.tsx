// Pools on attached disks that are not in use here: searched for, and imported.
import { useQuery } from "@tanstack/react-query";
import { Search } from "lucide-react";
import { answered, client } from "../../../api/client";
import { post } from "../../../api/command";
import type { ImportablePool } from "../../../api/types";
import { useAct } from "../../../ui/action/ActionHost";
import type { Action } from "../../../ui/action/CommandDialog";
import { flag, text } from "../../../ui/action/values";
import { Badge, ZfsState } from "../../../ui/Badge";
import { Button } from "../../../ui/Button";
import { Card, Mono } from "../../../ui/Page";
import { ProblemNote } from "../../../ui/ProblemNote";
import { Time } from "../../../ui/Time";

export const importable = {
  queryKey: ["pools", "importable"],
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    answered(client.GET("/api/v1/storage/pools/importable", { signal })).then((found) => found.items),
};

export const findPools: Action = {
  title: "Find pools on the disks",
  verb: "Search",
  ask: () => post("/api/v1/storage/pools/find", { path: {}, body: {} }),
};

function bringIn(found: ImportablePool): Action {
  return {
    title: `Import ${found.name}`,
    verb: "Import",
    fields: [
      { kind: "text", name: "new_name", label: "Name here", mono: true, hint: "Empty: its own name." },
      { kind: "text", name: "altroot", label: "Mounted below", mono: true, hint: "Empty: where it says itself." },
      { kind: "check", name: "read_only", label: "Read-only", hint: "Nothing on its disks is changed." },
      { kind: "check", name: "destroyed", label: "Bring the destroyed pool back", when: () => found.destroyed },
      {
        kind: "check",
        name: "missing_log",
        label: "Give up its missing log",
        hint: "The last synchronous writes are lost.",
        when: () => found.missing_log,
      },
      {
        kind: "check",
        name: "rewind",
        label: "Back to its checkpoint",
        hint: "All that was done in it since is lost. It is refused where the pool has none.",
      },
      {
        kind: "check",
        name: "force",
        label: "Although another system used it last",
        hint: "Make sure that it is not in use there: two systems on one pool destroy it.",
        when: () => found.foreign,
      },
    ],
    initial: { new_name: "", altroot: "", read_only: false, destroyed: found.destroyed, missing_log: false, rewind: false, force: false },
    ask: (values) =>
      post("/api/v1/storage/pools/import", {
        path: {},
        body: {
          guid: found.guid,
          new_name: text(values, "new_name") || null,
          altroot: text(values, "altroot"),
          read_only: flag(values, "read_only"),
          destroyed: flag(values, "destroyed"),
          missing_log: flag(values, "missing_log"),
          rewind: flag(values, "rewind"),
          force: flag(values, "force"),
        },
      }),
  };
}

/** The card below the list of pools; it stays away until a search found something. */
export function Importable() {
  const act = useAct();
  const query = useQuery(importable);
  if (query.error) return <ProblemNote error={query.error} retry={() => void query.refetch()} />;
  if (!query.data || query.data.length === 0) return null;
  return (
    <Card
      title="Pools that can be imported"
      aside={
        <Button look="quiet" onClick={() => act(findPools, () => void query.refetch())}>
          <Search aria-hidden size={14} /> Search again
        </Button>
      }
    >
      <ul>
        {query.data.map((found) => (
          <li
            key={`${found.guid} ${found.destroyed}`}
            className="flex flex-wrap items-center gap-3 border-b border-line px-3 py-2 last:border-0"
          >
            <Mono>{found.name}</Mono>
            <ZfsState state={found.state} />
            {found.destroyed && <Badge tone="warn">destroyed</Badge>}
            {found.foreign && <Badge tone="warn">of another system</Badge>}
            {found.missing_log && <Badge tone="warn">log missing</Badge>}
            <span className="min-w-0 flex-1 basis-64 text-muted">
              {found.status || `${found.disks.length} disks`} · found <Time value={found.found_at} />
            </span>
            <Button onClick={() => act(bringIn(found), () => void query.refetch())} disabled={!found.usable}>
              Import…
            </Button>
          </li>
        ))}
      </ul>
    </Card>
  );
}
