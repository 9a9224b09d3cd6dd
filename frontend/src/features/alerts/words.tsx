// An alert's severity and what it is about.
import { Bell, BellOff, CircleX, Info, TriangleAlert } from "lucide-react";
import { Link } from "react-router";
import type { Alert } from "../../api/types";
import { pageOf } from "../../ui/addresses";
import { Badge, type Tone } from "../../ui/Badge";

const SEVERITIES: Record<Alert["severity"], { tone: Tone; icon: typeof Bell }> = {
  critical: { tone: "bad", icon: CircleX },
  warning: { tone: "warn", icon: TriangleAlert },
  info: { tone: "busy", icon: Info },
};

export function Severity({ alert }: { alert: Alert }) {
  const { tone, icon } = SEVERITIES[alert.severity];
  return (
    <Badge tone={alert.state === "cleared" ? "unknown" : tone} icon={icon}>
      {alert.severity}
    </Badge>
  );
}

const STATES: Record<Alert["state"], { tone: Tone; icon: typeof Bell }> = {
  active: { tone: "warn", icon: Bell },
  acknowledged: { tone: "unknown", icon: BellOff },
  cleared: { tone: "ok", icon: Bell },
};

export function AlertState({ alert }: { alert: Alert }) {
  const { tone, icon } = STATES[alert.state];
  return (
    <Badge tone={tone} icon={icon} title={alert.acknowledged_reason}>
      {alert.state}
    </Badge>
  );
}

/** The thing that it is about, with a link to its page where it has one. */
export function Subject({ address }: { address: string }) {
  const page = pageOf(address);
  const name = address.split(".").slice(2).join(".") || address;
  return page ? <Link to={page}>{name}</Link> : <span>{name}</span>;
}
