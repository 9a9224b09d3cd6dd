// One disk out of those that are free, as a field of a form.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useId } from "react";
import type { Disk } from "../../../api/types";
import type { CustomProps, FieldSpec } from "../../../ui/action/fields";
import { flag } from "../../../ui/action/values";
import { Loading } from "../../../ui/Page";
import { ProblemNote } from "../../../ui/ProblemNote";
import { disks } from "../queries";
import { DiskChoices } from "./DiskChoices";

/** ``like``: the disk that it replaces or joins; the smallest one that is big enough stands first. */
export function diskField(name: string, label: string, like: Disk | undefined): FieldSpec {
  const required = "Choose a disk.";
  return { kind: "custom", name, label, required, render: (given) => <DiskField {...given} {...{ name, label, like }} /> };
}

interface Props extends CustomProps {
  name: string;
  label: string;
  like: Disk | undefined;
}

function DiskField({ name, label, like, value, values, onChange, errorOf }: Props) {
  const about = useId();
  const query = useQuery(disks);
  const barred = !flag(values, "force") && query.data?.some((disk) => disk.id === value && disk.available_by_force && !disk.available);
  useEffect(() => {
    if (barred) onChange("");
    // Once each time that force is taken away.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [barred]);
  if (!query.data) return query.error ? <ProblemNote error={query.error} /> : <Loading />;
  const free = query.data.filter((disk) => disk.available || disk.available_by_force);
  const offered = free.filter((disk) => disk.available || flag(values, "force") || disk.id === value);
  const held = free.length - offered.length;
  const error = errorOf(name);
  return (
    <fieldset aria-describedby={about} className="flex min-w-0 flex-col gap-1">
      <legend className="mb-1 text-xs font-medium">{label}</legend>
      <DiskChoices
        single
        label={label}
        least={like?.size}
        disks={bySize(offered, like?.size ?? 0)}
        chosen={typeof value === "string" ? [value] : []}
        onToggle={onChange}
        empty="No disk is free."
      />
      <p id={about} className={`text-xs ${error ? "text-bad" : "text-muted"}`}>
        {error ?? hint(offered.length, held)}
      </p>
    </fieldset>
  );
}

function hint(offered: number, held: number): string {
  const free = `${offered} ${offered === 1 ? "disk is" : "disks are"} free.`;
  return held === 0 ? free : `${free} ${held} with traces of former use ${held === 1 ? "is" : "are"} offered with force.`;
}

/** As a person counts: lab2 before lab10. */
export function byName(offered: readonly Disk[]): Disk[] {
  return [...offered].sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
}

export function bySize(offered: readonly Disk[], least: number): Disk[] {
  return [...offered].sort(
    (a, b) =>
      Number(a.size < least) - Number(b.size < least) ||
      a.size - b.size ||
      a.name.localeCompare(b.name, "en", { numeric: true }),
  );
}
