// A state: always a colour, an icon and a word.
import {
  Ban,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleX,
  type LucideIcon,
  LoaderCircle,
  TriangleAlert,
} from "lucide-react";
import type { ReactNode } from "react";

export type Tone = "ok" | "warn" | "bad" | "busy" | "unknown";

const LOOKS: Record<Tone, { icon: LucideIcon; className: string }> = {
  ok: { icon: CircleCheck, className: "bg-ok-soft text-ok" },
  warn: { icon: TriangleAlert, className: "bg-warn-soft text-warn" },
  bad: { icon: CircleX, className: "bg-bad-soft text-bad" },
  busy: { icon: LoaderCircle, className: "bg-busy-soft text-busy" },
  unknown: { icon: CircleDashed, className: "bg-unknown-soft text-unknown" },
};

interface Props {
  tone: Tone;
  children: ReactNode;
  icon?: LucideIcon;
  title?: string;
}

export function Badge({ tone, children, icon, title }: Props) {
  const { icon: usual, className } = LOOKS[tone];
  const Icon = icon ?? usual;
  return (
    <span
      title={title}
      className={`inline-flex items-center gap-1 rounded px-1.5 text-xs leading-5 font-medium whitespace-nowrap ${className}`}
    >
      <Icon aria-hidden size={13} className="shrink-0" />
      {children}
    </span>
  );
}

const VDEV: Record<string, Tone> = {
  ONLINE: "ok",
  AVAIL: "ok",
  INUSE: "busy",
  DEGRADED: "warn",
  OFFLINE: "warn",
  FAULTED: "bad",
  UNAVAIL: "bad",
  REMOVED: "bad",
  SUSPENDED: "bad",
};

/** The state of a pool or of a part of one, in ZFS's own word. */
export function ZfsState({ state }: { state: string }) {
  return <Badge tone={VDEV[state] ?? "unknown"}>{state || "unknown"}</Badge>;
}

const OPERATION: Record<string, { tone: Tone; icon?: LucideIcon }> = {
  queued: { tone: "unknown" },
  waiting: { tone: "unknown" },
  running: { tone: "busy" },
  succeeded: { tone: "ok" },
  done: { tone: "ok" },
  observed: { tone: "ok" },
  failed: { tone: "bad" },
  cancelled: { tone: "unknown", icon: Ban },
  interrupted: { tone: "warn", icon: CircleAlert },
  undone: { tone: "warn" },
  "undo failed": { tone: "bad" },
};

/** The state of an operation or of one of its steps. */
export function OperationState({ state }: { state: string }) {
  const { tone, icon } = OPERATION[state] ?? { tone: "unknown" };
  return (
    <Badge tone={tone} {...(icon ? { icon } : {})}>
      {state}
    </Badge>
  );
}
