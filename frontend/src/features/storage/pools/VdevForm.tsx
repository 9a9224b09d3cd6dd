// One vdev of a pool to be: its role, its type, its disks.
import { Trash2 } from "lucide-react";
import { useId } from "react";
import type { Disk, VdevWish } from "../../../api/types";
import { IconButton } from "../../../ui/Button";
import { SelectField, TextField } from "../../../ui/Field";
import { DiskChoices } from "../disks/DiskChoices";

type Role = VdevWish["role"];
type Type = VdevWish["type"];

const ROLES: { value: Role; label: string }[] = [
  { value: "data", label: "Data" },
  { value: "special", label: "Special (metadata, small files)" },
  { value: "dedup", label: "Deduplication tables" },
  { value: "log", label: "Log (synchronous writes)" },
  { value: "cache", label: "Cache (reads)" },
  { value: "spare", label: "Spare" },
];
const TYPES: { value: Type; label: string }[] = [
  { value: "mirror", label: "Mirror" },
  { value: "raidz1", label: "RAID-Z1, any 1 disk may fail" },
  { value: "raidz2", label: "RAID-Z2, any 2 disks may fail" },
  { value: "raidz3", label: "RAID-Z3, any 3 disks may fail" },
  { value: "draid1", label: "dRAID1, any 1 disk may fail" },
  { value: "draid2", label: "dRAID2, any 2 disks may fail" },
  { value: "draid3", label: "dRAID3, any 3 disks may fail" },
  { value: "stripe", label: "Stripe, no redundancy" },
];

const OTHER_TYPES: { value: Type; label: string }[] = [
  { value: "mirror", label: "Mirror" },
  { value: "stripe", label: "Each disk alone" },
];

/** Roles whose loss loses data, so that they may be mirrored. */
const MIRRORED = new Set<Role>(["log", "special", "dedup"]);

function typesFor(role: Role) {
  if (role === "data") return TYPES;
  return OTHER_TYPES.filter(({ value }) => value === "stripe" || MIRRORED.has(role));
}

interface Props {
  number: number;
  vdev: VdevWish;
  offered: Disk[];
  error: string | undefined;
  onChange: (vdev: VdevWish) => void;
  onRemove?: () => void;
}

export function VdevForm({ number, vdev, offered, error, onChange, onRemove }: Props) {
  const about = useId();
  const { role } = vdev;
  const changeRole = (next: Role) => {
    const types = typesFor(next).map((type) => type.value);
    onChange({ ...vdev, role: next, type: types.includes(vdev.type) ? vdev.type : "stripe" });
  };
  const toggle = (id: string) => {
    const without = vdev.disks.filter((each) => each !== id);
    onChange({ ...vdev, disks: without.length < vdev.disks.length ? without : [...vdev.disks, id] });
  };
  return (
    <fieldset
      aria-describedby={about}
      className={`flex min-w-0 flex-col gap-3 rounded border p-3 ${error ? "border-bad" : "border-line"}`}
    >
      <legend className="px-1 text-sm font-semibold">Vdev {number}</legend>
      <div className="flex items-end gap-3">
        <div className="grid min-w-0 flex-1 gap-3 sm:grid-cols-2">
          <SelectField label="Role" value={role} options={ROLES} onChange={changeRole} />
          <SelectField
            label="Type"
            value={vdev.type}
            options={typesFor(role)}
            onChange={(type) => onChange({ ...vdev, type })}
          />
        </div>
        {onRemove && (
          <IconButton label={`Remove vdev ${number}`} onClick={onRemove}>
            <Trash2 aria-hidden size={16} />
          </IconButton>
        )}
      </div>
      {vdev.type.startsWith("draid") && <Draid vdev={vdev} onChange={onChange} />}
      <p id={about} className={`text-xs ${error ? "text-bad" : "text-muted"}`}>
        {error ?? chosen(vdev, offered)}
      </p>
      <DiskChoices label={`Disks of vdev ${number}`} disks={offered} chosen={vdev.disks} onToggle={toggle} />
    </fieldset>
  );
}

/** What only dRAID has: how wide its groups are, and the space for spares that is spread over all disks. */
function Draid({ vdev, onChange }: { vdev: VdevWish; onChange: (vdev: VdevWish) => void }) {
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <TextField
        label="Data disks in a group"
        hint="Empty: as ZFS chooses (8, or as many as there are)."
        type="number"
        min={1}
        value={vdev.group_data ?? ""}
        onChange={(event) =>
          onChange({ ...vdev, group_data: event.target.value === "" ? null : event.target.valueAsNumber })
        }
      />
      <TextField
        label="Distributed spares"
        hint="Space for so many lost disks, spread over all of them."
        type="number"
        min={0}
        value={vdev.distributed_spares}
        onChange={(event) => onChange({ ...vdev, distributed_spares: event.target.valueAsNumber || 0 })}
      />
    </div>
  );
}

function chosen(vdev: VdevWish, offered: Disk[]): string {
  if (vdev.disks.length === 0) return `Choose disks; ${offered.length} are available.`;
  return `${vdev.disks.length} chosen of ${offered.length} available.`;
}
