// How many alerts nobody has acknowledged, and how bad the worst is.
import { useQuery } from "@tanstack/react-query";
import { Bell } from "lucide-react";
import { Link } from "react-router";
import { standing } from "../features/alerts/queries";

const COLOURS = { critical: "text-bad", warning: "text-warn", info: "text-busy" } as const;
const ORDER = ["critical", "warning", "info"] as const;

export function AlertLight() {
  const { data = [] } = useQuery(standing());
  const active = data.filter((alert) => alert.state === "active");
  const worst = ORDER.find((severity) => active.some((alert) => alert.severity === severity));
  const label = active.length === 0 ? "No alerts" : `${active.length} alerts, the worst ${worst}`;
  return (
    <Link
      to="/alerts"
      aria-label={label}
      title={label}
      className={`inline-flex h-8 items-center gap-1 rounded px-2 hover:bg-hover hover:no-underline ${worst ? COLOURS[worst] : "text-muted"}`}
    >
      <Bell aria-hidden size={18} />
      {active.length > 0 && active.length}
    </Link>
  );
}
