// Which rows are new or changed since the last look, for one second.
import { useEffect, useRef, useState } from "react";

const TINT = 1000; // ms

export function useFresh<T>(
  rows: T[] | undefined,
  id: (row: T) => string,
  version: (row: T) => string | number = () => 0,
): ReadonlySet<string> {
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  const seen = useRef<Map<string, string | number> | null>(null);

  useEffect(() => {
    if (rows === undefined) return;
    const now = new Map(rows.map((row) => [id(row), version(row)]));
    const before = seen.current;
    seen.current = now;
    // The first look shows what has been there all along.
    if (before === null) return;
    const changed = [...now].filter(([key, value]) => before.get(key) !== value).map(([key]) => key);
    if (changed.length === 0) return;
    setFresh(new Set(changed));
    const timer = setTimeout(() => setFresh(new Set()), TINT);
    return () => clearTimeout(timer);
    // id and version are functions of the row alone: a new closure is no news.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [rows]);
  return fresh;
}
