import { useQuery } from "@tanstack/react-query";
import type { Interface, Network, Route } from "../../../api/types";
import { Badge } from "../../../ui/Badge";
import { Bytes } from "../../../ui/Bytes";
import { Facts } from "../../../ui/Facts";
import { Notice } from "../../../ui/Notice";
import { Card, Empty, Mono, PageHead } from "../../../ui/Page";
import { ProblemNote } from "../../../ui/ProblemNote";
import { type Column, Table } from "../../../ui/Table";
import { AlertNotes } from "../../alerts/AlertNotes";
import { LastChanges } from "../../events/LastChanges";
import { OnTrial } from "./OnTrial";
import { interfaces, network, routes } from "./queries";
import { kindWords, speedWords, troubles } from "./words";

const INTERFACES: Column<Interface>[] = [
  { key: "name", head: "Interface", cell: (row) => <Mono>{row.name}</Mono>, sort: (row) => row.name },
  { key: "state", head: "State", cell: (row) => <LinkState row={row} />, sort: (row) => row.state },
  {
    key: "addresses",
    head: "Addresses",
    cell: (row) => (
      <span title={row.addresses.map(({ address, origin }) => `${address} (${origin})`).join("\n")} className="font-mono text-sm">
        {row.addresses.map(({ address }) => address).join(", ") || "–"}
      </span>
    ),
  },
  { key: "kind", head: "Kind", cell: kindWords, sort: kindWords },
  { key: "speed", head: "Speed", cell: speedWords, sort: (row) => row.speed ?? 0, right: true },
  { key: "mtu", head: "MTU", cell: (row) => row.mtu, sort: (row) => row.mtu, right: true },
  { key: "driver", head: "Driver", cell: (row) => row.driver || "–" },
  { key: "mac", head: "Hardware address", cell: (row) => <Mono>{row.mac || "–"}</Mono> },
  { key: "rx", head: "Received", cell: (row) => (row.counters ? <Bytes value={row.counters.rx_bytes} /> : "–"), sort: (row) => row.counters?.rx_bytes ?? 0, right: true },
  { key: "tx", head: "Sent", cell: (row) => (row.counters ? <Bytes value={row.counters.tx_bytes} /> : "–"), sort: (row) => row.counters?.tx_bytes ?? 0, right: true },
  {
    key: "troubles",
    head: "Errors and drops",
    cell: (row) => (troubles(row) > 0 ? <Badge tone="warn">{troubles(row).toLocaleString("en")}</Badge> : "0"),
    sort: troubles,
    right: true,
  },
];

const ROUTES: Column<Route>[] = [
  { key: "to", head: "To", cell: (row) => <Mono>{row.to}</Mono> },
  { key: "via", head: "Via", cell: (row) => <Mono>{row.via || "–"}</Mono> },
  { key: "interface", head: "Interface", cell: (row) => <Mono>{row.interface}</Mono> },
  { key: "metric", head: "Metric", cell: (row) => row.metric, right: true },
  { key: "protocol", head: "By", cell: (row) => row.protocol },
  { key: "source", head: "From", cell: (row) => <Mono>{row.source || "–"}</Mono> },
];

export function LinkState({ row }: { row: Pick<Interface, "up" | "carrier" | "state"> }) {
  if (!row.up) return <Badge tone="unknown">switched off</Badge>;
  if (!row.carrier) return <Badge tone="warn">no carrier</Badge>;
  return <Badge tone={row.state === "up" || row.state === "unknown" ? "ok" : "warn"}>up</Badge>;
}

export function NetworkPage() {
  const state = useQuery(network);
  const links = useQuery(interfaces);
  const ways = useQuery(routes);
  return (
    <>
      <PageHead title="Network" about="The interfaces that are there now, and the routes. What configures them, is told below." />
      <AlertNotes address="system.network" />
      {state.data?.pending && <OnTrial change={state.data.pending} />}
      <Table
        label="Interfaces"
        order="name"
        columns={INTERFACES}
        rows={links.data}
        id={(row) => row.name}
        version={(row) => row.version}
        error={links.error}
        retry={() => void links.refetch()}
        empty={<Empty title="No interface has been seen yet" />}
      />
      <Table
        label="Routes"
        columns={ROUTES}
        rows={ways.data}
        id={(row) => [row.family, row.to, row.via, row.interface, row.metric, row.source].join(" ")}
        error={ways.error}
        retry={() => void ways.refetch()}
        empty={<Empty title="There is no route" />}
      />
      <Card title="Configured by">
        {state.error && <ProblemNote error={state.error} retry={() => void state.refetch()} />}
        {state.data && <Configured row={state.data} />}
      </Card>
      <LastChanges address="system.network" limit={10} />
    </>
  );
}

function Configured({ row }: { row: Network }) {
  return (
    <>
      {row.message && (
        <div className="p-3">
          <Notice tone="warn" label="Not told" title={row.message} />
        </div>
      )}
      <Facts
        facts={[
          ["By", row.renderer === "none" ? "nothing that Calypso knows" : [row.renderer, row.backend].filter(Boolean).join(", ")],
          ["Files", row.files.length > 0 ? row.files.map((file) => <div key={file}><Mono>{file}</Mono></div>) : "none"],
          ...(row.routes_left_out > 0 ? ([["Routes left out", row.routes_left_out.toLocaleString("en")]] as [string, string][]) : []),
        ]}
      />
    </>
  );
}
