// Where a dataset's space goes: a bar of its parts, with their numbers.
import type { Dataset } from "../../../api/types";
import { Bytes } from "../../../ui/Bytes";

const PARTS = [
  { key: "used_by_dataset", label: "data", className: "bg-accent" },
  { key: "used_by_snapshots", label: "snapshots only", className: "bg-warn" },
  { key: "used_by_children", label: "datasets below", className: "bg-busy" },
  { key: "used_by_refreservation", label: "reserved", className: "bg-unknown" },
] as const;

export function Space({ row }: { row: Dataset }) {
  const { usage } = row;
  if (!usage) return <p className="p-3 text-muted">Not measured yet.</p>;
  const total = usage.used || 1;
  return (
    <div className="flex flex-col gap-2 p-3">
      <div className="flex items-baseline justify-between gap-2">
        <span className="text-xl font-semibold">
          <Bytes value={usage.used} />
        </span>
        <span className="text-muted">
          <Bytes value={usage.available} /> available
        </span>
      </div>
      <div aria-hidden className="flex h-2 overflow-hidden rounded-full bg-unknown-soft">
        {PARTS.map(({ key, className }) => (
          <div key={key} className={className} style={{ width: `${(100 * usage[key]) / total}%` }} />
        ))}
      </div>
      <ul className="flex flex-col gap-1">
        {PARTS.filter(({ key }) => usage[key] > 0).map(({ key, label, className }) => (
          <li key={key} className="flex items-center gap-2">
            <span aria-hidden className={`size-2 rounded-full ${className}`} />
            <span className="flex-1 text-muted">{label}</span>
            <Bytes value={usage[key]} />
          </li>
        ))}
      </ul>
      <p className="text-muted">
        <Bytes value={usage.logical_used} /> before compression ({usage.compress_ratio.toFixed(2)}×)
      </p>
    </div>
  );
}
