// The filters of the feed: in the URL, applied when Enter is pressed or the field is left.
import { X } from "lucide-react";
import { type SubmitEvent, useRef } from "react";
import { useSearchParams } from "react-router";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/Field";

const WORDS: Record<string, { label: string; example: string }> = {
  type: { label: "Type", example: "storage.PoolCreated" },
  actor: { label: "Actor", example: "user:admin" },
  stream: { label: "About", example: "storage.pool.tank" },
  operation: { label: "Operation", example: "its id" },
};

export function EventFilters({ names }: { names: readonly string[] }) {
  const [search, setSearch] = useSearchParams();
  const form = useRef<HTMLFormElement>(null);
  const set = names.filter((name) => search.get(name));

  const apply = (event?: SubmitEvent) => {
    event?.preventDefault();
    if (!form.current) return;
    const next = new URLSearchParams();
    for (const [name, value] of new FormData(form.current)) {
      if (typeof value === "string" && value.trim()) next.set(name, value.trim());
    }
    if (next.toString() !== search.toString()) setSearch(next);
  };
  return (
    <form ref={form} onSubmit={apply} role="search" aria-label="Filter events" className="flex flex-wrap items-end gap-3">
      {names.map((name) => (
        // Keyed by the value, so that Back and a link fill the field anew.
        <div key={`${name} ${search.get(name) ?? ""}`} className="w-[calc(50%-6px)] sm:w-48">
          <TextField
            name={name}
            label={WORDS[name]?.label ?? name}
            placeholder={WORDS[name]?.example}
            defaultValue={search.get(name) ?? ""}
            onBlur={() => apply()}
            className="font-mono text-sm"
          />
        </div>
      ))}
      <button type="submit" className="sr-only">
        Apply
      </button>
      {set.length > 0 && (
        <Button look="quiet" onClick={() => setSearch({})}>
          <X aria-hidden size={14} /> Clear
        </Button>
      )}
    </form>
  );
}
