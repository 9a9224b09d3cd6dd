// The first few of something, or that there is none.
import type { ReactNode } from "react";
import { Link } from "react-router";
import { Card, Loading } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";

const SHOWN = 6; // the rest is counted, and a link away

/** One line of such a card. */
export const LINE = "flex min-h-9 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-3 py-1.5 last:border-0";

interface Props<T> {
  title: string;
  all: { to: string; label: string };
  query: { data: T[] | undefined; error: unknown; refetch: () => unknown };
  calm: string;
  children: (shown: T[]) => ReactNode;
}

export function ListCard<T>({ title, all, query, calm, children }: Props<T>) {
  const { data, error } = query;
  const more = (data?.length ?? 0) - SHOWN;
  return (
    <Card title={title} aside={<Link to={all.to}>{more > 0 ? `${all.label} (${more} more)` : all.label}</Link>}>
      {!data && (error ? <ProblemNote error={error} retry={() => void query.refetch()} /> : <Loading />)}
      {data?.length === 0 && <p className="p-3 text-muted">{calm}</p>}
      {data && data.length > 0 && children(data.slice(0, SHOWN))}
    </Card>
  );
}
