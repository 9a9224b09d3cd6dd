import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, useParams } from "react-router";
import { toProblem } from "../../../api/problem";
import type { Disk, Smart } from "../../../api/types";
import { ActionBar } from "../../../ui/action/ActionBar";
import { Badge } from "../../../ui/Badge";
import { Bytes } from "../../../ui/Bytes";
import { Facts } from "../../../ui/Facts";
import { LineChart } from "../../../ui/LineChart";
import { Card, Empty, Loading, Mono, PageHead } from "../../../ui/Page";
import { ProblemNote } from "../../../ui/ProblemNote";
import { Time } from "../../../ui/Time";
import { AlertNotes } from "../../alerts/AlertNotes";
import { useMay } from "../../auth/queries";
import { LastChanges } from "../../events/LastChanges";
import { diskOffers } from "./actions";
import { DiskState, kindOf, usesOf } from "./DiskState";
import { disk as diskQuery, smart, temperatures } from "./queries";
import { SmartCard } from "./SmartCard";

export function DiskPage() {
  const { id = "" } = useParams();
  const query = useQuery(diskQuery(id));
  if (query.error && toProblem(query.error).status === 404) {
    return (
      <>
        <PageHead title={id} mono up={{ to: "/storage/disks", label: "Disks" }} />
        <Empty title="This disk is not attached">
          <p>If it was here before, its last changes below say what became of it.</p>
        </Empty>
        <LastChanges address={`storage.disk.${id}`} limit={20} />
      </>
    );
  }
  if (!query.data) {
    return query.error ? <ProblemNote error={query.error} retry={() => void query.refetch()} /> : <Loading />;
  }
  return <Shown disk={query.data} />;
}

function Shown({ disk }: { disk: Disk }) {
  const may = { operate: useMay("operate"), administer: useMay("administer") };
  const { data: told, error } = useQuery(smart(disk.id));
  return (
    <>
      <PageHead
        up={{ to: "/storage/disks", label: "Disks" }}
        title={disk.name}
        mono
        state={<DiskState disk={disk} />}
        about={[disk.model, kindOf(disk), disk.slot && `slot ${disk.slot}`].filter(Boolean).join(" · ")}
        actions={<ActionBar label={`More for ${disk.name}`} offers={diskOffers(disk, may)} />}
      />
      <AlertNotes address={`storage.disk.${disk.id}`} />
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="flex min-w-0 flex-col gap-4">
          {error ? <ProblemNote error={error} /> : <SmartCard told={told} />}
          <Temperatures id={disk.id} told={told ?? null} />
          <LastChanges address={`storage.disk.${disk.id}`} limit={10} />
        </div>
        <Card title="About">
          <Facts facts={facts(disk)} />
        </Card>
      </div>
    </>
  );
}

function Temperatures({ id, told }: { id: string; told: Smart | null }) {
  const query = useInfiniteQuery(temperatures(id));
  const points = (query.data?.pages.flatMap((page) => page.items) ?? [])
    .map((each) => ({ at: Date.parse(each.at), value: each.celsius }))
    .reverse();
  const limit = told?.temperature_limit;
  return (
    <Card title="Temperature">
      <LineChart
        label="Temperature"
        format={(celsius) => `${celsius} °C`}
        series={[{ label: "disk", color: "var(--accent)", points }]}
        limit={limit == null ? undefined : { value: limit, label: "the disk’s own limit" }}
      />
    </Card>
  );
}

function facts(disk: Disk): [string, ReactNode][] {
  const { place } = disk;
  return [
    ["Size", <Bytes value={disk.size} />],
    ["Id", <Mono>{disk.id}</Mono>],
    ["Serial", <Mono>{disk.serial || "–"}</Mono>],
    ["WWN", <Mono>{disk.wwn || "–"}</Mono>],
    ["Path", <Mono>{disk.path}</Mono>],
    ["Connected by", disk.transport || "–"],
    ["Used by", place ? <InPool place={place} /> : usesOf(disk) || "nothing"],
    ...(disk.last_wipe
      ? ([["Last wipe", <>{disk.last_wipe.method}, {disk.last_wipe.state} <Time value={disk.last_wipe.ended_at} /></>]] as [
          string,
          ReactNode,
        ][])
      : []),
    ["Attached", <Time value={disk.attached_at} />],
  ];
}

function InPool({ place }: { place: NonNullable<Disk["place"]> }) {
  const errors = (place.read ?? 0) + (place.write ?? 0) + (place.checksum ?? 0);
  return (
    <span className="flex flex-wrap items-center gap-2">
      <Link to={`/storage/pools/${encodeURIComponent(place.pool)}`}>{place.pool}</Link>
      {place.role}, {place.vdev}
      {errors > 0 && <Badge tone="warn">{`${errors} errors`}</Badge>}
    </span>
  );
}
