// Disks to choose from, with what one needs to know to take the right one out of many.
import { useId } from "react";
import type { Disk } from "../../../api/types";
import { Badge } from "../../../ui/Badge";
import { Bytes } from "../../../ui/Bytes";
import { Mono } from "../../../ui/Page";
import { kindOf, Temperature, usesOf } from "./DiskState";

interface Props {
  label: string;
  disks: readonly Disk[];
  chosen: readonly string[];
  onToggle: (id: string) => void;
  /** One at most. */
  single?: boolean;
  /** Bytes that it must have; a smaller one is marked. */
  least?: number | undefined;
  empty?: string;
}

export function DiskChoices({ label, disks, chosen, onToggle, single = false, least = 0, empty }: Props) {
  const group = useId();
  return (
    <ul aria-label={label} className="max-h-64 overflow-y-auto rounded border border-line">
      {disks.map((disk) => (
        <li key={disk.id} className="border-b border-line last:border-0">
          <label className="flex min-h-9 flex-wrap items-center gap-x-3 px-2 py-1 hover:bg-hover">
            <input
              type={single ? "radio" : "checkbox"}
              name={single ? group : undefined}
              checked={chosen.includes(disk.id)}
              onChange={() => onToggle(disk.id)}
            />
            <span className="w-12 truncate">
              <Mono>{disk.name}</Mono>
            </span>
            <span className="w-20 text-right">
              <Bytes value={disk.size} />
            </span>
            <span className="w-11">{kindOf(disk)}</span>
            {disk.slot && <span className="text-muted sm:hidden">slot {disk.slot}</span>}
            <span className="min-w-0 flex-1 truncate text-muted max-sm:hidden" title={disk.model}>
              {disk.slot && `slot ${disk.slot} · `}
              {disk.model}
            </span>
            {disk.smart?.temperature != null && (
              <span className="text-muted max-sm:hidden">
                <Temperature disk={disk} /> °C
              </span>
            )}
            <span className="max-w-full min-w-0 truncate" title={disk.id}>
              <Mono>{disk.id}</Mono>
            </span>
            {disk.failing && <Badge tone="bad">failing</Badge>}
            {disk.size < least && <Badge tone="warn">smaller</Badge>}
            {!disk.available && disk.uses.length > 0 && (
              <Badge tone="warn" title="Traces of former use; what is on it is lost.">
                {usesOf(disk)}
              </Badge>
            )}
          </label>
        </li>
      ))}
      {disks.length === 0 && <li className="p-3 text-muted">{empty ?? "No disk is available any more."}</li>}
    </ul>
  );
}
