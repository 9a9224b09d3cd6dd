import { Bell, CalendarClock, Camera, Clock, Cog, Database, Folder, Gauge, GitCompareArrows, HardDrive, HeartPulse, LayoutDashboard, ListChecks, Network, ScrollText } from "lucide-react";
import { NavLink } from "react-router";

const GROUPS = [
  { head: "Box", items: [{ to: "/", label: "Dashboard", icon: LayoutDashboard }] },
  {
    head: "Storage",
    items: [
      { to: "/storage/pools", label: "Pools", icon: Database },
      { to: "/storage/datasets", label: "Datasets", icon: Folder },
      { to: "/storage/snapshots", label: "Snapshots", icon: Camera },
      { to: "/storage/schedules", label: "Schedules", icon: CalendarClock },
      { to: "/storage/disks", label: "Disks", icon: HardDrive },
      { to: "/storage/drift", label: "Drift", icon: GitCompareArrows },
      { to: "/storage/arc", label: "ARC", icon: Gauge },
    ],
  },
  {
    head: "System",
    items: [
      { to: "/system/services", label: "Services", icon: Cog },
      { to: "/system/health", label: "Health", icon: HeartPulse },
      { to: "/system/network", label: "Network", icon: Network },
      { to: "/system/time", label: "Time", icon: Clock },
    ],
  },
  {
    head: "Record",
    items: [
      { to: "/alerts", label: "Alerts", icon: Bell },
      { to: "/operations", label: "Operations", icon: ListChecks },
      { to: "/events", label: "Events", icon: ScrollText },
    ],
  },
];

export function Nav({ onGo }: { onGo?: () => void }) {
  return (
    <nav aria-label="Main" className="flex flex-col gap-4 p-3">
      {GROUPS.map((group) => (
        <div key={group.head} className="flex flex-col gap-0.5">
          <p className="px-2 pb-1 text-xs font-medium text-muted md:max-lg:sr-only">{group.head}</p>
          {group.items.map(({ to, label, icon: Icon }) => (
            <NavLink
              key={to}
              to={to}
              end={to === "/"}
              title={label}
              {...(onGo ? { onClick: onGo } : {})}
              className={({ isActive }) =>
                `flex h-8 items-center gap-2 rounded px-2 hover:no-underline ${isActive ? "bg-accent-soft font-medium text-accent" : "text-text hover:bg-hover"}`
              }
            >
              <Icon aria-hidden size={16} className="shrink-0" />
              <span className="md:max-lg:sr-only">{label}</span>
            </NavLink>
          ))}
        </div>
      ))}
    </nav>
  );
}
