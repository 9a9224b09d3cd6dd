// Whether what is on the page is what is: the light in the top bar, and the line below it while the connection is lost.
import { Radio, RefreshCw, Unplug } from "lucide-react";
import { useLiveStatus } from "../api/LiveProvider";
import { clock, exact } from "../ui/time";

const LOOKS = {
  live: { icon: Radio, word: "live", className: "text-ok" },
  connecting: { icon: RefreshCw, word: "connecting", className: "text-busy" },
  "catching-up": { icon: RefreshCw, word: "catching up", className: "text-busy" },
  lost: { icon: Unplug, word: "lost", className: "text-warn" },
} as const;

export function LiveLight() {
  const { icon: Icon, word, className } = LOOKS[useLiveStatus().state];
  return (
    <span
      role="status"
      title={`Live connection: ${word}`}
      className={`inline-flex items-center gap-1 text-xs font-medium whitespace-nowrap ${className}`}
    >
      <Icon aria-hidden size={14} />
      <span className="max-sm:sr-only">{word}</span>
    </span>
  );
}

export function LostLine() {
  const { state, asOf } = useLiveStatus();
  if (state === "live" || asOf === null) return null;
  return (
    <p role="alert" className="border-b border-warn/40 bg-warn-soft px-4 py-1.5 text-sm text-warn">
      Connection lost. What you see is as of <time title={exact(asOf)}>{clock(asOf)}</time>; it catches up by itself.
    </p>
  );
}
