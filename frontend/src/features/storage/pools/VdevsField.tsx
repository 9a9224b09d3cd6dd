// The vdevs of a pool to be, or those to be added to one: each with its disks, out of those that are available.
import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useEffect } from "react";
import type { Disk, VdevWish } from "../../../api/types";
import type { CustomProps, FieldSpec, Values } from "../../../ui/action/fields";
import { flag } from "../../../ui/action/values";
import { Button } from "../../../ui/Button";
import { Loading } from "../../../ui/Page";
import { ProblemNote } from "../../../ui/ProblemNote";
import { byName } from "../disks/DiskField";
import { disks } from "../queries";
import { VdevForm } from "./VdevForm";

export const NEW_VDEV: VdevWish = { type: "mirror", role: "data", disks: [], distributed_spares: 0 };

/** What was filled in. */
export function vdevsOf(values: Values): VdevWish[] {
  // Only this form writes it.
  return Array.isArray(values.vdevs) ? (values.vdevs as VdevWish[]) : [];
}

export const VDEV_FIELDS: readonly FieldSpec[] = [
  { kind: "custom", name: "vdevs", label: "Vdevs", render: (given) => <Vdevs {...given} /> },
  {
    kind: "custom",
    name: "force",
    label: "Force",
    render: (given) => <Force {...given} />,
  },
];

function isUsed(disk: Disk): boolean {
  return disk.available_by_force && !disk.available;
}

function Vdevs({ values, onChange, errorOf }: CustomProps) {
  const query = useQuery(disks);
  const used = new Set(query.data?.filter(isUsed).map(({ id }) => id));
  const barred = !flag(values, "force") && vdevsOf(values).some((vdev) => vdev.disks.some((id) => used.has(id)));
  useEffect(() => {
    if (barred) onChange(withoutDisks(vdevsOf(values), used));
    // Once each time that force is taken away.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [barred]);
  if (!query.data) return query.error ? <ProblemNote error={query.error} /> : <Loading />;
  const wish = vdevsOf(values);
  const chosen = new Set(wish.flatMap((vdev) => vdev.disks));
  // What is chosen stays in sight, also when it is no longer offered.
  const available = query.data.filter(
    (disk) => disk.available || (flag(values, "force") && isUsed(disk)) || chosen.has(disk.id),
  );
  const change = (at: number, vdev: VdevWish) => onChange(wish.map((each, i) => (i === at ? vdev : each)));
  return (
    <>
      {wish.map((vdev, at) => (
        <VdevForm
          key={at}
          number={at + 1}
          vdev={vdev}
          offered={byName(offeredTo(wish, at, available))}
          error={errorOf(`vdevs.${at}`)}
          onChange={(next) => change(at, next)}
          {...(wish.length > 1 ? { onRemove: () => onChange(wish.filter((_, i) => i !== at)) } : {})}
        />
      ))}
      <div>
        {/* A new vdev is like the last one, for a pool of like vdevs is the rule. */}
        <Button onClick={() => onChange([...wish, { ...(wish.at(-1) ?? NEW_VDEV), disks: [] }])}>
          <Plus aria-hidden size={16} /> Add vdev
        </Button>
      </div>
    </>
  );
}

/** Without force a used disk is not offered, so it is not chosen either. */
export function withoutDisks(wish: VdevWish[], gone: ReadonlySet<string>): VdevWish[] {
  return wish.map((vdev) => ({ ...vdev, disks: vdev.disks.filter((id) => !gone.has(id)) }));
}

/** The available disks that no other vdev has taken. */
function offeredTo(wish: VdevWish[], at: number, available: Disk[]): Disk[] {
  const taken = new Set(wish.flatMap((vdev, i) => (i === at ? [] : vdev.disks)));
  return available.filter((disk) => !taken.has(disk.id));
}

function Force({ value, onChange, errorOf }: CustomProps) {
  const used = (useQuery(disks).data ?? []).filter(isUsed).length;
  const force = value === true;
  const error = errorOf("force");
  return (
    <label className="flex items-start gap-2">
      <input type="checkbox" checked={force} onChange={(event) => onChange(event.target.checked)} className="mt-1" />
      <span>
        Force
        <span className={`block text-xs ${error ? "text-bad" : "text-muted"}`}>
          {error ?? "Accept unlike vdevs, unlike sizes, and traces of former use on a disk."}
          {used > 0 && ` ${offer(used, force)}`}
        </span>
      </span>
    </label>
  );
}

function offer(count: number, force: boolean): string {
  const [which, it] = count === 1 ? ["The disk with such traces is", "it"] : [`${count} disks with such traces are`, "them"];
  return force ? `${which} offered above and marked; what is on ${it} is lost.` : `${which} not offered without it.`;
}
