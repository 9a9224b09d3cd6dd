// What would notice if this dataset went away.
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import type { Dependent } from "../../../api/types";
import { pageOf } from "../../../ui/addresses";
import { Card, Empty, Loading, Mono } from "../../../ui/Page";
import { ProblemNote } from "../../../ui/ProblemNote";
import { usedBy } from "./queries";

const SHOWN = 50;

export function UsedBy({ id }: { id: string }) {
  const { data, error, refetch } = useQuery(usedBy(id));
  return (
    <Card title="Used by">
      {!data && (error ? <ProblemNote error={error} retry={() => void refetch()} /> : <Loading />)}
      {data?.length === 0 && <Empty title="Nothing uses it" />}
      {data && data.length > 0 && (
        <ul>
          {data.slice(0, SHOWN).map((each, at) => (
            <li key={at} className="flex min-h-9 flex-wrap items-center gap-x-3 border-b border-line px-3 py-1.5 last:border-0">
              <span className="w-20 shrink-0 text-muted">{each.kind}</span>
              <span className="min-w-0 [overflow-wrap:anywhere]">
                <Name of={each} />
              </span>
              {each.detail && <span className="min-w-0 text-muted [overflow-wrap:anywhere]">{each.detail}</span>}
            </li>
          ))}
          {data.length > SHOWN && <li className="px-3 py-2 text-muted">and {data.length - SHOWN} more</li>}
        </ul>
      )}
    </Card>
  );
}

function Name({ of: { name, address } }: { of: Dependent }) {
  const page = pageOf(address);
  return page ? <Link to={page}><Mono>{name}</Mono></Link> : <Mono>{name}</Mono>;
}
