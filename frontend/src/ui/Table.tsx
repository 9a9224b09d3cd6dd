// The table: sticky head, sort in the URL, empty and error rows inside; it scrolls inside its own frame.
import { ArrowDown, ArrowUp } from "lucide-react";
import type { MouseEvent, ReactNode } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { Loading } from "./Page";
import { ProblemNote } from "./ProblemNote";
import { useFresh } from "./useFresh";

export interface Column<T> {
  key: string;
  head: string;
  cell: (row: T) => ReactNode;
  /** What to sort by; without it the column can't be sorted. */
  sort?: (row: T) => string | number;
  right?: boolean;
  /** Stays in sight at the right when the table is wider than its frame: actions. */
  pinned?: boolean;
}

interface Props<T> {
  label: string;
  columns: Column<T>[];
  rows: T[] | undefined;
  id: (row: T) => string;
  /** Changes when the row does: such a row is tinted for a second. */
  version?: (row: T) => string | number;
  to?: (row: T) => string | null;
  error?: unknown;
  retry?: () => void;
  empty: ReactNode;
  /** Rows that can be chosen, for actions on many at once. */
  choice?: { chosen: ReadonlySet<string>; onChange: (chosen: ReadonlySet<string>) => void; label: (row: T) => string };
  /** The column that it is sorted by when the URL says nothing. */
  order?: string;
}

function ordered<T>(rows: T[], column: Column<T> | undefined, down: boolean): T[] {
  const by = column?.sort;
  if (!by) return rows;
  const sorted = [...rows].sort((a, b) => {
    const [x, y] = [by(a), by(b)];
    if (typeof x === "number" && typeof y === "number") return x - y;
    return String(x).localeCompare(String(y), "en", { numeric: true });
  });
  return down ? sorted.reverse() : sorted;
}

export function Table<T>(props: Props<T>) {
  const { label, columns, rows, id, version, to, error, retry, empty, choice, order: usual = "" } = props;
  const [search, setSearch] = useSearchParams();
  const navigate = useNavigate();
  const fresh = useFresh(rows, id, version);
  const order = search.get("order") ?? usual;
  const down = order.startsWith("-");
  const sorted = columns.find((column) => column.key === order.replace("-", ""));

  const sortBy = (key: string) => {
    const next = new URLSearchParams(search);
    next.set("order", sorted?.key === key && !down ? `-${key}` : key);
    setSearch(next, { replace: true });
  };
  const open = (event: MouseEvent, row: T) => {
    // Links and buttons in the row do their own; who selects text wants no other page.
    const inside = event.target instanceof Element && event.target.closest("a, button, label") !== null;
    const target = to?.(row);
    if (target && !inside && !window.getSelection()?.toString()) void navigate(target);
  };

  return (
    <div
      role="region"
      aria-label={label}
      tabIndex={0}
      className="max-h-[calc(100dvh-11rem)] overflow-auto rounded border border-line bg-surface"
    >
      <table className="w-full border-separate border-spacing-0">
        <thead className="sticky top-0 z-1 bg-surface">
          <tr>
            {choice && <ChooseAll ids={(rows ?? []).map(id)} {...choice} />}
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                aria-sort={sorted === column ? (down ? "descending" : "ascending") : undefined}
                className={`h-9 border-b border-line px-3 text-xs font-medium whitespace-nowrap text-muted ${column.right ? "text-right" : "text-left"}`}
              >
                {column.sort ? (
                  <button className="inline-flex items-center gap-1 hover:text-text" onClick={() => sortBy(column.key)}>
                    {column.head}
                    {sorted === column &&
                      (down ? <ArrowDown aria-hidden size={12} /> : <ArrowUp aria-hidden size={12} />)}
                  </button>
                ) : (
                  column.head
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {ordered(rows ?? [], sorted, down).map((row) => (
            <tr
              key={id(row)}
              onClick={(event) => open(event, row)}
              className={`group hover:bg-hover ${to?.(row) ? "cursor-pointer" : ""} ${fresh.has(id(row)) ? "fresh" : ""}`}
            >
              {choice && <ChooseOne id={id(row)} name={choice.label(row)} {...choice} />}
              {columns.map((column) => (
                <td
                  key={column.key}
                  className={`h-9 ${column.pinned ? "sticky right-0 bg-surface group-hover:bg-hover" : ""} max-w-48 truncate sm:max-w-72 border-b border-line px-3 whitespace-nowrap ${column.right ? "text-right" : ""}`}
                >
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows === undefined && (error ? <Wrong error={error} retry={retry} /> : <Loading />)}
      {rows?.length === 0 && empty}
    </div>
  );
}

interface Chosen {
  chosen: ReadonlySet<string>;
  onChange: (chosen: ReadonlySet<string>) => void;
}

function ChooseAll({ ids, chosen, onChange }: Chosen & { ids: string[] }) {
  const all = ids.length > 0 && ids.every((each) => chosen.has(each));
  return (
    <th scope="col" className="w-9 border-b border-line">
      <label className="flex size-9 items-center justify-center">
        <input
          type="checkbox"
          aria-label="Choose all that are shown"
          checked={all}
          onChange={() => onChange(new Set(all ? [] : ids))}
        />
      </label>
    </th>
  );
}

function ChooseOne({ id, name, chosen, onChange }: Chosen & { id: string; name: string }) {
  const toggle = () => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    onChange(next);
  };
  return (
    <td className="w-9 border-b border-line">
      <label className="flex size-9 items-center justify-center">
        <input type="checkbox" aria-label={`Choose ${name}`} checked={chosen.has(id)} onChange={toggle} />
      </label>
    </td>
  );
}

function Wrong({ error, retry }: { error: unknown; retry: (() => void) | undefined }) {
  return (
    <div className="p-3">
      <ProblemNote error={error} {...(retry ? { retry } : {})} />
    </div>
  );
}
