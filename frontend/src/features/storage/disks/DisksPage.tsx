import { useQuery } from "@tanstack/react-query";
import { Search } from "lucide-react";
import { Link, useSearchParams } from "react-router";
import type { Disk } from "../../../api/types";
import { health } from "../../auth/queries";
import { Badge } from "../../../ui/Badge";
import { Bytes } from "../../../ui/Bytes";
import { inputClass } from "../../../ui/Field";
import { Empty, Mono, PageHead } from "../../../ui/Page";
import { type Column, Table } from "../../../ui/Table";
import { Time } from "../../../ui/Time";
import { DiskState, diskPage, diskStateWord, kindOf, Temperature, usesOf } from "./DiskState";
import { disks } from "../queries";

const ORIGIN: Column<Disk> = {
  key: "origin",
  head: "Hardware",
  cell: (disk) =>
    disk.simulated ? (
      <span className="text-muted">simulated</span>
    ) : (
      <Badge tone="warn" title="A real disk of this machine; the lab never touches it.">
        real
      </Badge>
    ),
  sort: (disk) => (disk.simulated ? 1 : 0),
};

const COLUMNS: Column<Disk>[] = [
  {
    key: "name",
    head: "Name",
    cell: (disk) => (
      <Link to={diskPage(disk)}>
        <Mono>{disk.name}</Mono>
      </Link>
    ),
    sort: (disk) => disk.name,
  },
  { key: "state", head: "State", cell: (disk) => <DiskState disk={disk} />, sort: diskStateWord },
  { key: "slot", head: "Slot", cell: (disk) => disk.slot || "–", sort: (disk) => disk.slot },
  {
    key: "temperature",
    head: "°C",
    cell: (disk) => <Temperature disk={disk} />,
    sort: (disk) => disk.smart?.temperature ?? -1,
    right: true,
  },
  { key: "used", head: "Used by", cell: (disk) => <UsedBy disk={disk} />, sort: (disk) => disk.pool ?? usesOf(disk) },
  { key: "size", head: "Size", cell: (disk) => <Bytes value={disk.size} />, sort: (disk) => disk.size, right: true },
  { key: "kind", head: "Kind", cell: kindOf, sort: kindOf },
  { key: "model", head: "Model", cell: (disk) => <Long text={disk.model} />, sort: (disk) => disk.model },
  { key: "id", head: "Id", cell: (disk) => <Long mono text={disk.id} />, sort: (disk) => disk.id },
  { key: "serial", head: "Serial", cell: (disk) => <Long mono text={disk.serial} />, sort: (disk) => disk.serial },
  { key: "attached", head: "Attached", cell: (disk) => <Time value={disk.attached_at} />, sort: (d) => d.attached_at },
];

function Long({ text, mono = false }: { text: string; mono?: boolean }) {
  const content = text ? <span title={text}>{text}</span> : "–";
  return mono ? <Mono>{content}</Mono> : content;
}

function UsedBy({ disk }: { disk: Disk }) {
  if (disk.pool !== null) return <Link to={`/storage/pools/${encodeURIComponent(disk.pool)}`}>{disk.pool}</Link>;
  return <Long text={usesOf(disk)} />;
}

function matches(disk: Disk, words: string): boolean {
  const all = [disk.id, disk.name, disk.model, disk.serial, disk.pool ?? "", usesOf(disk)].join(" ").toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}

export function DisksPage() {
  const [search, setSearch] = useSearchParams();
  const query = useQuery(disks);
  const { data: box } = useQuery(health);
  const words = search.get("search") ?? "";
  const found = query.data?.filter((disk) => matches(disk, words));
  const change = (value: string) => {
    const next = new URLSearchParams(search);
    if (value) next.set("search", value);
    else next.delete("search");
    setSearch(next, { replace: true });
  };
  return (
    <>
      <PageHead title="Disks" about={about(query.data, box?.lab ?? false)} />
      <div className="relative max-w-sm">
        <Search aria-hidden size={16} className="absolute top-2 left-2 text-muted" />
        <input
          type="search"
          aria-label="Search disks"
          placeholder="Name, id, serial, model, pool"
          value={words}
          onChange={(event) => change(event.target.value)}
          className={`${inputClass} pl-8`}
        />
      </div>
      <Table
        label="Disks"
        order="name"
        columns={box?.lab ? [...COLUMNS.slice(0, 5), ORIGIN, ...COLUMNS.slice(5)] : COLUMNS}
        rows={found}
        id={(disk) => disk.id}
        to={diskPage}
        version={(disk) => `${disk.version} ${disk.pool ?? ""}`}
        error={query.error}
        retry={() => void query.refetch()}
        empty={
          words ? (
            <Empty title={`No disk matches “${words}”`} />
          ) : (
            <Empty title="No disk is attached">
              <p>The disks of this box stand here as soon as the kernel announces them.</p>
            </Empty>
          )
        }
      />
    </>
  );
}

function about(all: Disk[] | undefined, lab: boolean): string {
  if (!all) return "";
  const free = all.filter((disk) => disk.available).length;
  const own = lab ? all.filter((disk) => !disk.simulated).length : 0;
  const real = own > 0 ? `; ${own} real, of this machine itself and never offered to a pool` : "";
  return `${all.length} attached, ${free} available${real}.`;
}
