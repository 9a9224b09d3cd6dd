// A search in the URL, applied while one types.
import { Search } from "lucide-react";
import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";
import { inputClass } from "./Field";

const PAUSE = 250; // ms without a key before it is asked for

export function SearchField({ label, placeholder, name = "search" }: { label: string; placeholder: string; name?: string }) {
  const [search, setSearch] = useSearchParams();
  const shown = search.get(name) ?? "";
  const [text, setText] = useState(shown);
  const [from, setFrom] = useState(shown);
  // Back and a link fill the field anew.
  if (from !== shown) {
    setFrom(shown);
    setText(shown);
  }
  useEffect(() => {
    if (text === shown) return;
    const timer = setTimeout(() => {
      const next = new URLSearchParams(search);
      if (text) next.set(name, text);
      else next.delete(name);
      setSearch(next, { replace: true });
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [text, shown, search, name, setSearch]);
  return (
    <div className="relative w-full max-w-sm">
      <Search aria-hidden size={16} className="absolute top-2 left-2 text-muted" />
      <input
        type="search"
        aria-label={label}
        placeholder={placeholder}
        value={text}
        onChange={(event) => setText(event.target.value)}
        className={`${inputClass} pl-8`}
      />
    </div>
  );
}
