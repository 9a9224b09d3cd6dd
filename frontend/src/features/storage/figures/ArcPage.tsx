import { useQuery } from "@tanstack/react-query";
import type { Arc } from "../../../api/types";
import { Bar } from "../../../ui/Bar";
import { Bytes } from "../../../ui/Bytes";
import { Facts } from "../../../ui/Facts";
import { Card, Loading, PageHead } from "../../../ui/Page";
import { ProblemNote } from "../../../ui/ProblemNote";
import { arc } from "./queries";

const READS = [
  ["total", "All reads"],
  ["demand_data", "Data, asked for"],
  ["demand_metadata", "Metadata, asked for"],
  ["prefetch_data", "Data, read ahead"],
  ["prefetch_metadata", "Metadata, read ahead"],
] as const;

export function ArcPage() {
  const query = useQuery(arc);
  return (
    <>
      <PageHead title="ARC" about="ZFS’s cache in memory: what it holds and how often it spares the disks a read." />
      {query.data ? (
        <Figures data={query.data} />
      ) : query.error ? (
        <ProblemNote error={query.error} retry={() => void query.refetch()} />
      ) : (
        <Loading />
      )}
    </>
  );
}

function percent(value: number | null): string {
  return value === null ? "–" : `${value.toFixed(1)} %`;
}

function Figures({ data }: { data: Arc }) {
  const { l2 } = data;
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <Card title="Size">
        <div className="flex flex-col gap-2 p-3">
          <div className="flex items-baseline justify-between gap-2">
            <span className="text-xl font-semibold">
              <Bytes value={data.size} />
            </span>
            <span className="text-muted">
              target <Bytes value={data.target} />
            </span>
          </div>
          <Bar percent={(100 * data.size) / (data.most || 1)} label="ARC size of its most" />
        </div>
        <Facts
          facts={[
            ["At least, at most", <><Bytes value={data.least} /> to <Bytes value={data.most} /></>],
            ["Recently used", <Bytes value={data.mru} />],
            ["Often used", <Bytes value={data.mfu} />],
            ["Data", <Bytes value={data.data} />],
            ["Metadata", <Bytes value={data.metadata} />],
            ["Headers", <Bytes value={data.headers} />],
            ["Before compression", <Bytes value={data.uncompressed} />],
          ]}
        />
      </Card>
      <Card title="Hits">
        <HitTable data={data} />
      </Card>
      <Card title="Cache devices (L2ARC)">
        {l2 ? (
          <Facts
            facts={[
              ["Size", <Bytes value={l2.size} />],
              ["On the devices", <Bytes value={l2.allocated} />],
              ["Hits", `${l2.hits.toLocaleString("en")} (${percent(l2.hit_percent)})`],
              ["Read from it", <Bytes value={l2.read_bytes} />],
              ["Written to it", <Bytes value={l2.written_bytes} />],
              ["Memory for its headers", <Bytes value={l2.headers} />],
            ]}
          />
        ) : (
          <p className="p-3 text-muted">No pool has a cache device.</p>
        )}
      </Card>
    </div>
  );
}

function HitTable({ data }: { data: Arc }) {
  return (
    <div role="region" aria-label="Hits of the ARC" tabIndex={0} className="overflow-x-auto">
      <table className="w-full">
        <thead>
          <tr className="text-xs text-muted">
            <th scope="col" className="h-9 px-3 text-left font-medium">
              Reads
            </th>
            <th scope="col" className="px-3 text-right font-medium">
              {data.recent_seconds === null ? "Just now" : `Last ${Math.round(data.recent_seconds)} s`}
            </th>
            <th scope="col" className="px-3 text-right font-medium">
              Since boot
            </th>
            <th scope="col" className="px-3 text-right font-medium">
              Misses
            </th>
          </tr>
        </thead>
        <tbody>
          {READS.map(([key, label]) => (
            <tr key={key} className="hover:bg-hover">
              <td className="h-9 border-t border-line px-3">{label}</td>
              <td className="border-t border-line px-3 text-right">{percent(data[key].recent_hit_percent)}</td>
              <td className="border-t border-line px-3 text-right">{percent(data[key].hit_percent)}</td>
              <td className="border-t border-line px-3 text-right">{data[key].misses.toLocaleString("en")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
