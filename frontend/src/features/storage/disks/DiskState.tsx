// What a disk is to Calypso: one badge, and a mark for the machine's own disks in the lab.
import { Cpu, HardDrive, Lock } from "lucide-react";
import type { Disk } from "../../../api/types";
import { Badge } from "../../../ui/Badge";

export function DiskState({ disk }: { disk: Disk }) {
  if (disk.broken) return <Badge tone="bad">broken</Badge>;
  if (disk.failing) {
    return (
      <Badge tone="bad" title="By its own verdict, or by its last self-test.">
        failing
      </Badge>
    );
  }
  if (disk.last_wipe?.state === "partly" && disk.pool === null) {
    return (
      <Badge tone="warn" title="Its wipe was stopped: the rest holds what it held.">
        partly wiped
      </Badge>
    );
  }
  if (disk.system) {
    return (
      <Badge tone="unknown" icon={Cpu} title="Holds the running system">
        system
      </Badge>
    );
  }
  if (disk.pool !== null) {
    return (
      <Badge tone="ok" icon={HardDrive}>
        in pool
      </Badge>
    );
  }
  if (disk.available) return <Badge tone="ok">available</Badge>;
  if (disk.read_only) {
    return (
      <Badge tone="warn" icon={Lock}>
        read-only
      </Badge>
    );
  }
  if (disk.uses.length > 0) return <Badge tone="warn">in use</Badge>;
  return (
    <Badge tone="unknown" icon={Lock} title="Never offered to a pool of the lab">
      not offered
    </Badge>
  );
}

export const diskPage = (disk: { id: string }) => `/storage/disks/${encodeURIComponent(disk.id)}`;

const HOT = 55; // °C, for disks that name no limit of their own

export function hot({ smart }: Disk): boolean {
  return smart?.temperature != null && smart.temperature >= (smart.temperature_limit ?? HOT);
}

export function Temperature({ disk }: { disk: Disk }) {
  const celsius = disk.smart?.temperature;
  if (celsius == null) return <span className="text-muted">–</span>;
  return <span className={hot(disk) ? "font-semibold text-warn" : ""}>{celsius}</span>;
}

/** Sorts what can be used first, what is broken last. */
export function diskStateWord(disk: Disk): string {
  if (disk.broken) return "5";
  if (disk.available) return "1";
  if (disk.pool !== null) return "2";
  return disk.system ? "4" : "3";
}

export function kindOf(disk: Disk): string {
  if (disk.transport === "nvme") return "NVMe";
  if (disk.rotational === null) return "–";
  return disk.rotational ? "HDD" : "SSD";
}

/** `filesystem ext4, mounted /` */
export function usesOf(disk: Disk): string {
  return disk.uses.map((use) => `${use.kind.replaceAll("_", " ")} ${use.name}`.trim()).join(", ");
}
