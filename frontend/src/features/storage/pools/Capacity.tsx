// How full a pool is: a bar with its numbers.
import type { Pool } from "../../../api/types";
import type { Tone } from "../../../ui/Badge";
import { Bar } from "../../../ui/Bar";
import { Bytes } from "../../../ui/Bytes";

// ZFS becomes slow when space is scattered: from about four fifths on it is worth attention.
const ATTENTION = 80;
const FULL = 95;

function tone(percent: number): Tone {
  if (percent >= FULL) return "bad";
  return percent >= ATTENTION ? "warn" : "ok";
}

/** `< 1 %` for what is more than nothing. */
function shown(usage: { allocated: number; capacity: number }): string {
  return usage.capacity === 0 && usage.allocated > 0 ? "< 1 %" : `${usage.capacity} %`;
}

export function Capacity({ pool }: { pool: Pool }) {
  if (!pool.usage) return <span className="text-muted">not measured yet</span>;
  return (
    <span className="flex items-center gap-2">
      <span className="w-24">
        <Bar percent={pool.usage.capacity} label={`${pool.name} used`} tone={tone(pool.usage.capacity)} />
      </span>
      <span className="w-11 text-right">{shown(pool.usage)}</span>
      <span className="text-muted">
        <Bytes value={pool.usage.allocated} /> of <Bytes value={pool.size} />
      </span>
    </span>
  );
}

export function CapacityBlock({ pool }: { pool: Pool }) {
  const { usage } = pool;
  if (!usage) return <p className="p-3 text-muted">Not measured yet.</p>;
  return (
    <div className="flex flex-col gap-2 p-3">
      <div className="flex items-baseline justify-between gap-2">
        <span className="text-xl font-semibold">{shown(usage)}</span>
        <span className="text-muted">
          <Bytes value={usage.free} /> free
        </span>
      </div>
      <Bar percent={usage.capacity} label={`${pool.name} used`} tone={tone(usage.capacity)} />
      <p className="text-muted">
        <Bytes value={usage.allocated} /> of <Bytes value={pool.size} /> used
        {usage.fragmentation !== null && `, ${usage.fragmentation} % fragmented`}
      </p>
      <p className="text-muted">
        {pool.datasets} dataset{pool.datasets === 1 ? "" : "s"}
      </p>
    </div>
  );
}
