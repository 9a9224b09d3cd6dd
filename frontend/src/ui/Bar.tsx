// A bar, only ever shown with its number beside it.
import type { Tone } from "./Badge";

const FILL: Record<Tone, string> = {
  ok: "bg-accent",
  warn: "bg-warn",
  bad: "bg-bad",
  busy: "bg-busy",
  unknown: "bg-unknown",
};

export function Bar({ percent, label, tone = "ok" }: { percent: number; label: string; tone?: Tone }) {
  const width = Math.max(0, Math.min(100, percent));
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuenow={Math.round(width)}
      aria-valuemin={0}
      aria-valuemax={100}
      className="h-2 w-full min-w-16 overflow-hidden rounded-full bg-unknown-soft"
    >
      <div className={`h-full rounded-full ${FILL[tone]}`} style={{ width: `${width}%` }} />
    </div>
  );
}
