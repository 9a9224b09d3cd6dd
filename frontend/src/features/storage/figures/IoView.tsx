// What a pool and each of its vdevs reads, writes and waits for.
import { useQuery } from "@tanstack/react-query";
import type { Io } from "../../../api/types";
import { Bytes, inWords } from "../../../ui/Bytes";
import { LineChart } from "../../../ui/LineChart";
import { Card, Empty, Loading, Mono } from "../../../ui/Page";
import { ProblemNote } from "../../../ui/ProblemNote";
import { type Column, Table } from "../../../ui/Table";
import { poolIo } from "./queries";

const MS = 1_000_000; // ns

const COLUMNS: Column<Io>[] = [
  { key: "vdev", head: "Device", cell: (row) => <Mono>{row.vdev}</Mono> },
  { key: "reads", head: "Reads/s", cell: (row) => row.reads.toLocaleString("en"), right: true },
  { key: "writes", head: "Writes/s", cell: (row) => row.writes.toLocaleString("en"), right: true },
  { key: "read", head: "Read/s", cell: (row) => <Bytes value={row.read_bytes} />, right: true },
  { key: "write", head: "Written/s", cell: (row) => <Bytes value={row.write_bytes} />, right: true },
  { key: "rwait", head: "Read wait", cell: (row) => <Wait ns={row.read_wait} />, right: true },
  { key: "wwait", head: "Write wait", cell: (row) => <Wait ns={row.write_wait} />, right: true },
];

function Wait({ ns }: { ns: number | null }) {
  if (ns === null) return <span className="text-muted">–</span>;
  return (
    <>
      {(ns / MS).toFixed(ns < 10 * MS ? 2 : 0)} <span className="text-xs text-muted">ms</span>
    </>
  );
}

export function IoView({ pool }: { pool: string }) {
  const { data, error } = useQuery(poolIo(pool));
  if (!data) return error ? <ProblemNote error={error} /> : <Loading />;
  const points = (key: "read_bytes" | "write_bytes") =>
    data.history.map((row) => ({ at: Date.parse(row.at), value: row[key] }));
  return (
    <>
      <Card title="Throughput">
        <LineChart
          label="Throughput over the last hour"
          format={(value) => `${inWords(Math.round(value))}/s`}
          series={[
            { label: "read", color: "var(--accent)", points: points("read_bytes") },
            { label: "written", color: "var(--warn)", points: points("write_bytes") },
          ]}
        />
      </Card>
      <Table
        label="Devices"
        columns={COLUMNS}
        rows={data.vdevs}
        id={(row) => String(row.place)}
        empty={
          <Empty title="Not measured yet">
            <p>It is measured every few seconds while the observer runs; a suspended pool is left out.</p>
          </Empty>
        }
      />
    </>
  );
}
