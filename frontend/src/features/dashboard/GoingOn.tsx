// What goes on now: operations that were asked for, and the pools' own long work, whoever began it.
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import type { Operation, Pool } from "../../api/types";
import { Badge, OperationState } from "../../ui/Badge";
import { finished, latestOperations } from "../operations/queries";
import { WorkProgress } from "../storage/pools/Activities";
import { ACTIVITY_WORDS, type Work, workIn } from "../storage/pools/activities";
import { pools } from "../storage/queries";
import { LINE, ListCard } from "./ListCard";

type Item = { operation: Operation } | { pool: Pool; work: Work };

export function GoingOn() {
  const operations = useQuery(latestOperations);
  const all = useQuery(pools);
  const items: Item[] | undefined = operations.data &&
    all.data && [
      ...operations.data.filter((each) => !finished(each)).map((operation) => ({ operation })),
      ...all.data.flatMap((pool) => workIn(pool, 1).map((work) => ({ pool, work }))),
    ];
  const query = {
    data: items,
    error: operations.error ?? all.error,
    refetch: () => Promise.all([operations.refetch(), all.refetch()]),
  };
  return (
    <ListCard title="Going on" all={{ to: "/operations", label: "All operations" }} query={query} calm="Nothing; the box is at rest.">
      {(shown) => (
        <ul aria-label="Going on">
          {shown.map((item) =>
            "operation" in item ? (
              <Running key={item.operation.id} operation={item.operation} />
            ) : (
              <Working key={`${item.pool.id} ${item.work.kind} ${item.work.state} ${item.work.vdevs.join()}`} {...item} />
            ),
          )}
        </ul>
      )}
    </ListCard>
  );
}

function Running({ operation }: { operation: Operation }) {
  return (
    <li className={LINE}>
      <Link to={`/operations/${operation.id}`} title={operation.title} className="min-w-0 flex-1 truncate">
        {operation.title}
      </Link>
      {operation.progress?.percent != null && `${operation.progress.percent.toFixed(0)} %`}
      <OperationState state={operation.state} />
    </li>
  );
}

function Working({ pool, work }: { pool: Pool; work: Work }) {
  return (
    <li className={LINE}>
      <p className="min-w-0 flex-1 truncate">
        {ACTIVITY_WORDS[work.kind]}
        {work.vdevs.length > 1 && ` of ${work.vdevs.length} disks`} ·{" "}
        <Link to={`/storage/pools/${encodeURIComponent(pool.name)}`} title={pool.name}>
          {pool.name}
        </Link>
      </p>
      <Badge tone={work.waits ? "warn" : "busy"}>{work.state}</Badge>
      <div className="basis-full">
        <WorkProgress work={work} />
      </div>
    </li>
  );
}
