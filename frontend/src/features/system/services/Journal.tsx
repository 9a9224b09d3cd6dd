// A unit's journal: filtered, paged back in time, and followed live.
import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";
import type { LogEntry, LogFilter } from "../../../api/types";
import { Badge } from "../../../ui/Badge";
import { SelectField } from "../../../ui/Field";
import { MoreButton } from "../../../ui/MoreButton";
import { Empty, Loading } from "../../../ui/Page";
import { ProblemNote } from "../../../ui/ProblemNote";
import { SearchField } from "../../../ui/SearchField";
import { exact } from "../../../ui/time";
import { Follower, type Followed, journalAddress } from "./follower";
import { journal } from "./queries";

const PRIORITIES = [
  { value: "", label: "all lines" },
  { value: "notice", label: "notice and graver" },
  { value: "warning", label: "warning and graver" },
  { value: "err", label: "error and graver" },
] as const;

const SPANS = [
  { value: "", label: "any time", hours: null },
  { value: "1h", label: "the last hour", hours: 1 },
  { value: "1d", label: "the last day", hours: 24 },
  { value: "1w", label: "the last week", hours: 24 * 7 },
] as const;

export function Journal({ unit }: { unit: string }) {
  const [search, setSearch] = useSearchParams();
  const priority = PRIORITIES.find(({ value }) => value === search.get("priority"))?.value ?? "";
  const span = SPANS.find(({ value }) => value === search.get("span")) ?? SPANS[0];
  const text = search.get("text") ?? "";
  const following = search.get("follow") !== "no";
  const set = (name: string, value: string) => {
    const next = new URLSearchParams(search);
    if (value) next.set(name, value);
    else next.delete(name);
    setSearch(next, { replace: true });
  };
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-end gap-3">
        <SearchField label="Search the journal" placeholder="Part of a line" name="text" />
        <div className="w-44">
          <SelectField label="Lines" value={priority} options={PRIORITIES} onChange={(value) => set("priority", value)} />
        </div>
        <div className="w-36">
          <SelectField label="From" value={span.value} options={SPANS} onChange={(value) => set("span", value)} />
        </div>
        <label className="flex h-8 items-center gap-2">
          <input type="checkbox" checked={following} onChange={() => set("follow", following ? "no" : "")} />
          Follow
        </label>
      </div>
      <Lines
        key={`${priority} ${span.value} ${text}`}
        unit={unit}
        asked={{ ...(priority ? { priority } : {}), ...(text ? { text } : {}) }}
        hours={span.hours}
        following={following}
      />
    </div>
  );
}

interface LinesProps {
  unit: string;
  asked: Pick<LogFilter, "priority" | "text">;
  hours: number | null;
  following: boolean;
}

function Lines({ unit, asked, hours, following }: LinesProps) {
  // The span begins where it began when it was chosen.
  const [since] = useState(() => (hours === null ? {} : { since: new Date(Date.now() - hours * 3_600_000).toISOString() }));
  const query = useInfiniteQuery(journal(unit, { ...asked, ...since }));
  const pages = query.data?.pages;
  const followed = useFollowed(unit, asked, following, pages?.[0]?.items[0]?.cursor ?? (pages ? "" : null));
  if (!pages) return query.error ? <ProblemNote error={query.error} retry={() => void query.refetch()} /> : <Loading />;
  const rows = once([...(followed?.entries ?? []), ...pages.flatMap((page) => page.items)]);
  return (
    <>
      {followed && <FollowState followed={followed} />}
      <div className="rounded border border-line bg-surface">
        {rows.length === 0 ? (
          <Empty title="No line here">
            <p>{following ? "What the unit writes from now on stands here at once." : "Nothing was written that fits."}</p>
          </Empty>
        ) : (
          <ol aria-label={`Journal of ${unit}, the newest line first`} tabIndex={0} className="max-h-[calc(100dvh-16rem)] overflow-auto py-1 font-mono text-xs">
            {rows.map((row) => (
              <Line key={row.cursor} row={row} />
            ))}
          </ol>
        )}
      </div>
      {query.error && <ProblemNote error={query.error} retry={() => void query.fetchNextPage()} />}
      <MoreButton query={query} />
    </>
  );
}

/** after: null while nothing is known yet. */
function useFollowed(unit: string, asked: LinesProps["asked"], following: boolean, after: string | null): Followed | null {
  const [followed, setFollowed] = useState<Followed | null>(null);
  const known = after !== null;
  const { priority, text } = asked;
  useEffect(() => {
    if (!following || !known) return;
    const filter = { ...(priority ? { priority } : {}), ...(text ? { text } : {}) };
    const follower = new Follower((from) => journalAddress(unit, filter, from), after, setFollowed);
    follower.start();
    return () => {
      follower.stop();
      setFollowed(null);
    };
    // Where it begins is asked once; from then on the follower knows how far it is.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [unit, priority, text, following, known]);
  return followed;
}

function FollowState({ followed: { state, dropped, problem } }: { followed: Followed }) {
  return (
    <div role="status" className="flex flex-wrap items-center gap-2">
      {state === "live" && <Badge tone="ok">following</Badge>}
      {state === "connecting" && <Badge tone="busy">connecting</Badge>}
      {state === "lost" && <Badge tone="warn">connection lost, trying again</Badge>}
      {dropped > 0 && (
        <span className="text-warn">
          {dropped.toLocaleString("en")} lines left out: it writes faster than can be shown. They are in the journal.
        </span>
      )}
      {problem && <ProblemNote error={problem} />}
    </div>
  );
}

const GRAVE: Record<string, string> = { emerg: "text-bad", alert: "text-bad", crit: "text-bad", err: "text-bad", warning: "text-warn" };

function Line({ row }: { row: LogEntry }) {
  const at = new Date(row.at);
  const grave = GRAVE[row.priority] ?? "";
  return (
    <li className="flex flex-col gap-x-3 px-3 py-0.5 hover:bg-hover sm:flex-row">
      <span className="shrink-0 whitespace-nowrap text-muted">
        <time dateTime={row.at} title={exact(at)}>
          {at.toLocaleString("en-GB", { day: "2-digit", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit" })}
        </time>{" "}
        <span title={row.pid == null ? undefined : `process ${row.pid}`}>{row.identifier}</span>
        {grave && <span className={grave}> {row.priority}</span>}
      </span>
      <span className={`min-w-0 whitespace-pre-wrap [overflow-wrap:anywhere] ${grave}`}>{row.message}</span>
    </li>
  );
}

/** A line that was followed and fetched as well stands once. */
export function once(rows: readonly LogEntry[]): LogEntry[] {
  return [...new Map(rows.map((row) => [row.cursor, row])).values()];
}
