// Create a pool: a name, vdevs of available disks, then the plan and the rest of the action dialog.
import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import type { Problem } from "../../../api/problem";
import type { CreatePool, Disk, VdevWish } from "../../../api/types";
import { ActionDialog } from "../../../ui/action/ActionDialog";
import { saidOf } from "../../../ui/action/CommandDialog";
import { Button } from "../../../ui/Button";
import { TextField } from "../../../ui/Field";
import { Loading } from "../../../ui/Page";
import { ProblemNote } from "../../../ui/ProblemNote";
import { disks } from "../queries";
import { createPool } from "./actions";
import { VdevForm } from "./VdevForm";

type Wish = Omit<CreatePool, "reason">;

const NEW_VDEV: VdevWish = { type: "mirror", role: "data", disks: [], distributed_spares: 0 };
const EMPTY: Wish = { name: "", vdevs: [NEW_VDEV], force: false };

export function CreatePoolDialog({ onClose }: { onClose: () => void }) {
  const [wish, setWish] = useState(EMPTY);
  return (
    <ActionDialog
      title="Create pool"
      verb="Create"
      form={(problem) => <Form wish={wish} onChange={setWish} problem={problem} />}
      plan={() => createPool(wish).plan()}
      run={(given) => createPool(wish).run(given)}
      onClose={onClose}
    />
  );
}

interface FormProps {
  wish: Wish;
  onChange: (wish: Wish) => void;
  problem: Problem | null;
}

function Form({ wish, onChange, problem }: FormProps) {
  const query = useQuery(disks);
  if (!query.data) return query.error ? <ProblemNote error={query.error} /> : <Loading />;
  const used = query.data.filter((disk) => disk.available_by_force && !disk.available);
  const available = query.data.filter((disk) => disk.available || (wish.force && used.includes(disk)));
  const change = (at: number, vdev: VdevWish) =>
    onChange({ ...wish, vdevs: wish.vdevs.map((each, i) => (i === at ? vdev : each)) });
  const add = () => onChange({ ...wish, vdevs: [...wish.vdevs, { ...following(wish), disks: [] }] });
  const remove = (at: number) => onChange({ ...wish, vdevs: wish.vdevs.filter((_, i) => i !== at) });
  const changeForce = (force: boolean) => {
    // Without force a used disk is no longer offered, so it must not stay chosen unseen.
    const gone = new Set(force ? [] : used.map((disk) => disk.id));
    const vdevs = wish.vdevs.map((vdev) => ({ ...vdev, disks: vdev.disks.filter((id) => !gone.has(id)) }));
    onChange({ ...wish, force, vdevs });
  };
  return (
    <>
      <TextField
        label="Name"
        hint="Begins with a letter; letters, digits and _ - . : may follow."
        error={saidOf(problem, "name")}
        value={wish.name}
        maxLength={255}
        autoFocus
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        className="font-mono"
        onChange={(event) => onChange({ ...wish, name: event.target.value })}
      />
      {wish.vdevs.map((vdev, at) => (
        <VdevForm
          key={at}
          number={at + 1}
          vdev={vdev}
          offered={offeredTo(wish, at, available)}
          error={saidOf(problem, `vdevs.${at}`)}
          onChange={(next) => change(at, next)}
          {...(wish.vdevs.length > 1 ? { onRemove: () => remove(at) } : {})}
        />
      ))}
      <div>
        <Button onClick={add}>
          <Plus aria-hidden size={16} /> Add vdev
        </Button>
      </div>
      <label className="flex items-start gap-2">
        <input
          type="checkbox"
          checked={wish.force}
          onChange={(event) => changeForce(event.target.checked)}
          className="mt-1"
        />
        <span>
          Force
          <span className="block text-xs text-muted">
            Accept unlike vdevs, unlike sizes, and traces of former use on a disk.
            {used.length > 0 && ` ${offer(used.length, wish.force)}`}
          </span>
        </span>
      </label>
    </>
  );
}

function offer(count: number, force: boolean): string {
  const [which, it] = count === 1 ? ["The disk with such traces is", "it"] : [`${count} disks with such traces are`, "them"];
  return force ? `${which} offered above and marked; what is on ${it} is lost.` : `${which} not offered without it.`;
}

/** A new vdev is like the last one, for a pool of like vdevs is the rule. */
function following({ vdevs }: Wish): VdevWish {
  return vdevs.at(-1) ?? NEW_VDEV;
}

/** The available disks that no other vdev has taken. */
function offeredTo({ vdevs }: Wish, at: number, available: Disk[]): Disk[] {
  const taken = new Set(vdevs.flatMap((vdev, i) => (i === at ? [] : vdev.disks)));
  return available.filter((disk) => !taken.has(disk.id));
}
