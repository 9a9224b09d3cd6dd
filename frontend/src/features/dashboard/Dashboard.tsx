// The first page: what wants attention, how the pools are, what goes on, what has changed.
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import type { Disk, Pool } from "../../api/types";
import { ZfsState } from "../../ui/Badge";
import { Bytes } from "../../ui/Bytes";
import { Card, Loading, Mono, PageHead } from "../../ui/Page";
import { ProblemNote } from "../../ui/ProblemNote";
import { AlertList } from "../alerts/AlertList";
import { bySeverity, standing } from "../alerts/queries";
import { me } from "../auth/queries";
import { History } from "../events/History";
import { DiskState, diskPage, Temperature } from "../storage/disks/DiskState";
import { Forecast } from "../storage/figures/CapacityChart";
import { arc, poolCapacity } from "../storage/figures/queries";
import { Capacity } from "../storage/pools/Capacity";
import { disks, pools } from "../storage/queries";
import { GoingOn } from "./GoingOn";
import { HealthCard } from "./HealthCard";
import { LINE, ListCard } from "./ListCard";
import { needy, worstFirst } from "./order";

export function Dashboard() {
  const box = useQuery(me).data?.box;
  return (
    <>
      <PageHead title="Dashboard" about={box && `What ${box} is about right now.`} />
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_24rem]">
        <div className="flex min-w-0 flex-col gap-4">
          <Alerts />
          <Pools />
          <Card title="Last changes" aside={<Link to="/events">All events</Link>}>
            <History mixed filter={{}} limit={10} />
          </Card>
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <GoingOn />
          <HealthCard />
          <Disks />
          <ArcHits />
        </div>
      </div>
    </>
  );
}

function Alerts() {
  const query = useQuery(standing());
  const active = query.data?.filter((alert) => alert.state === "active").sort(bySeverity);
  return (
    <ListCard
      title="Alerts"
      all={{ to: "/alerts", label: "All alerts" }}
      query={{ ...query, data: active }}
      calm={query.data?.length ? "Nothing new; all that holds is acknowledged." : "All is well."}
    >
      {(shown) => <AlertList brief alerts={shown} label="Alerts that nobody has acknowledged" />}
    </ListCard>
  );
}

function Pools() {
  const query = useQuery(pools);
  return (
    <ListCard
      title="Pools"
      all={{ to: "/storage/pools", label: "All pools" }}
      query={{ ...query, data: query.data && worstFirst(query.data) }}
      calm="There is no pool yet."
    >
      {(shown) => (
        <ul aria-label="Pools">
          {shown.map((pool) => (
            <PoolLine key={pool.id} pool={pool} />
          ))}
        </ul>
      )}
    </ListCard>
  );
}

function PoolLine({ pool }: { pool: Pool }) {
  const { data } = useQuery(poolCapacity(pool.name, 30));
  return (
    <li className={LINE}>
      <Link
        to={`/storage/pools/${encodeURIComponent(pool.name)}`}
        title={pool.name}
        className="w-36 truncate font-medium"
      >
        {pool.name}
      </Link>
      <span className="w-28">
        <ZfsState state={pool.state} />
      </span>
      <Capacity pool={pool} />
      <span className="min-w-0 flex-1 basis-48 text-xs text-muted">{data && data.forecast.verdict !== "too little known" && <Forecast {...data} />}</span>
    </li>
  );
}

function Disks() {
  const query = useQuery(disks);
  return (
    <ListCard
      title="Disks that need attention"
      all={{ to: "/storage/disks", label: "All disks" }}
      query={{ ...query, data: query.data?.filter(needy) }}
      calm={`None of ${query.data?.length ?? 0}.`}
    >
      {(shown) => (
        <ul aria-label="Disks that need attention">
          {shown.map((disk) => (
            <DiskLine key={disk.id} disk={disk} />
          ))}
        </ul>
      )}
    </ListCard>
  );
}

function DiskLine({ disk }: { disk: Disk }) {
  const { place } = disk;
  const errors = (place?.read ?? 0) + (place?.write ?? 0) + (place?.checksum ?? 0);
  return (
    <li className={LINE}>
      <Link to={diskPage(disk)} className="max-w-32 truncate" title={disk.id}>
        <Mono>{disk.name}</Mono>
      </Link>
      {place && place.state !== "ONLINE" && place.state !== "AVAIL" ? (
        <ZfsState state={place.state} />
      ) : (
        <DiskState disk={disk} />
      )}
      <span className="text-muted">
        {errors > 0 && `${errors.toLocaleString("en")} errors · `}
        {disk.slot && `slot ${disk.slot} · `}
        <Temperature disk={disk} /> °C
      </span>
    </li>
  );
}

function ArcHits() {
  const { data, error } = useQuery(arc);
  const hits = data?.total.recent_hit_percent ?? data?.total.hit_percent;
  return (
    <Card title="ARC" aside={<Link to="/storage/arc">All figures</Link>}>
      {!data && (error ? <ProblemNote error={error} /> : <Loading />)}
      {data && (
        <p className="flex items-baseline justify-between gap-2 p-3">
          <span className="text-xl font-semibold whitespace-nowrap">{hits == null ? "–" : `${hits.toFixed(1)} %`}</span>
          <span className="text-muted">
            of reads spared the disks; <Bytes value={data.size} /> of <Bytes value={data.most} />
          </span>
        </p>
      )}
    </Card>
  );
}
