import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { BoxTime, ClockDrift, Dns, Hostname, Ntp } from "../../../api/types";
import { useAct } from "../../../ui/action/ActionHost";
import type { Action } from "../../../ui/action/CommandDialog";
import { Badge } from "../../../ui/Badge";
import { Button } from "../../../ui/Button";
import { Facts } from "../../../ui/Facts";
import { Notice } from "../../../ui/Notice";
import { Card, Loading, Mono, PageHead } from "../../../ui/Page";
import { ProblemNote } from "../../../ui/ProblemNote";
import { Time } from "../../../ui/Time";
import { AlertNotes } from "../../alerts/AlertNotes";
import { useMay } from "../../auth/queries";
import { LastChanges } from "../../events/LastChanges";
import { changeDns, changeHostname, changeServers, changeZone, switchNtp } from "./actions";
import { dns, hostname, ntp, time, zones } from "./queries";
import { lineOf, offsetWords } from "./servers";
import { Sources } from "./Sources";

export function TimePage() {
  const clock = useQuery(time);
  return (
    <>
      <PageHead
        title="Time"
        state={clock.data && <Synchronised value={clock.data.synchronised} since={clock.data.since} />}
        about="The box’s clock and who keeps it right, its name, and whom it asks for other names."
      />
      <AlertNotes address="system.ntp" />
      <AlertNotes address="system.time" />
      <AlertNotes address="system.hostname" />
      <AlertNotes address="system.dns" />
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <ClockCard query={clock} />
        <NtpCard query={useQuery(ntp)} />
        <NameCard query={useQuery(hostname)} />
        <DnsCard query={useQuery(dns)} />
      </div>
      <SourcesCard query={useQuery(ntp)} />
      <LastChanges address="system.time" limit={5} />
    </>
  );
}

function Synchronised({ value, since }: { value: boolean | null; since: string | null }) {
  const [tone, words] = value === null ? (["unknown", "can’t be told"] as const) : value ? (["ok", "synchronised"] as const) : (["warn", "not synchronised"] as const);
  return (
    <span className="flex items-center gap-2">
      <Badge tone={tone}>{words}</Badge>
      {since && (
        <span className="text-muted">
          since <Time value={since} />
        </span>
      )}
    </span>
  );
}

interface Shown<T> {
  query: UseQueryResult<T>;
}

interface PartProps<T> extends Shown<T> {
  title: string;
  facts: (row: T) => [string, ReactNode][];
  actions: (row: T) => { label: string; open: () => Action }[];
  notes?: (row: T) => ReactNode;
}

/** A card of facts with what can be done about them. */
function Part<T>({ title, query: { data, error, refetch }, facts, actions, notes }: PartProps<T>) {
  const act = useAct();
  const may = useMay("administer");
  const offers = data === undefined || !may ? [] : actions(data);
  return (
    <Card title={title}>
      {data === undefined && (error ? <ProblemNote error={error} retry={() => void refetch()} /> : <Loading />)}
      {data !== undefined && notes?.(data)}
      {data !== undefined && <Facts facts={facts(data)} />}
      {offers.length > 0 && (
        <div className="flex flex-wrap gap-2 border-t border-line p-3">
          {offers.map((offer) => (
            <Button key={offer.label} onClick={() => act(offer.open())}>
              {offer.label}
            </Button>
          ))}
        </div>
      )}
    </Card>
  );
}

function ClockCard({ query }: Shown<BoxTime>) {
  const known = useQuery(zones).data ?? [];
  return (
    <Part
      title="Clock"
      query={query}
      notes={(row) => <Unseen message={row.message} drift={row.drift} />}
      facts={(row) => [
        ["Zone", row.timezone || "not known"],
        ["Local time", row.local ? <LocalTime value={row.local} /> : "–"],
        ["Hardware clock", row.local_rtc ? <Badge tone="warn">in local time: it goes wrong twice a year</Badge> : "in UTC"],
        ["Kept by NTP", row.ntp ? "yes" : "no"],
        ...(row.why ? ([["Why not synchronised", row.why]] as [string, ReactNode][]) : []),
      ]}
      actions={(row) => (known.length > 0 ? [{ label: "Change zone…", open: () => changeZone(row.timezone, known) }] : [])}
    />
  );
}

/** As the box's zone tells it: `2026-11-24 18:53:25 +00:00`. */
function LocalTime({ value }: { value: string }) {
  return <time dateTime={value}>{value.replace("T", " ").replace(/([+-]\d\d:\d\d)$/, " $1")}</time>;
}

function NtpCard({ query }: Shown<Ntp>) {
  return (
    <Part
      title="NTP"
      query={query}
      notes={(row) => <Unseen message="" drift={row.drift} />}
      facts={(row) => [
        ["Service", row.service ? `${row.service}, ${row.running ? "running" : "not running"}` : "none is installed"],
        ["Servers", row.servers.length > 0 ? row.servers.map((each) => <div key={lineOf(each)}><Mono>{lineOf(each)}</Mono></div>) : "none"],
        ["File", row.path ? <Mono>{row.path}</Mono> : "–"],
        ["Follows", row.reference ? `${row.reference}${row.stratum == null ? "" : `, stratum ${row.stratum}`}` : "nothing"],
        ["Clock is off by", row.clock?.offset == null ? "–" : offsetWords(row.clock.offset)],
      ]}
      actions={(row) => [
        ...(row.path ? [{ label: "Change servers…", open: () => changeServers(row) }] : []),
        ...(row.possible ? [{ label: row.enabled ? "Switch NTP off…" : "Switch NTP on…", open: () => switchNtp(!row.enabled) }] : []),
      ]}
    />
  );
}

function NameCard({ query }: Shown<Hostname>) {
  return (
    <Part
      title="Name"
      query={query}
      notes={(row) => <Unseen message={row.message} drift={row.wanted && row.wanted !== row.static ? [{ field: "name", wanted: row.wanted, seen: row.static }] : []} />}
      facts={(row) => [
        ["In use", <Mono>{row.hostname || "–"}</Mono>],
        ["Set", <Mono>{row.static || "–"}</Mono>],
      ]}
      actions={(row) => (row.code ? [] : [{ label: "Rename…", open: () => changeHostname(row) }])}
    />
  );
}

const WAYS: Record<string, string> = { resolved: "systemd-resolved", file: "/etc/resolv.conf" };

function DnsCard({ query }: Shown<Dns>) {
  return (
    <Part
      title="DNS"
      query={query}
      notes={(row) => row.missing.length > 0 && <Unseen message="" drift={[{ field: "servers", wanted: row.missing, seen: row.servers }]} />}
      facts={(row) => [
        ["Servers", row.servers.length > 0 ? <Mono>{row.servers.join(", ")}</Mono> : "none"],
        ["Domains", row.search.length > 0 ? <Mono>{row.search.join(", ")}</Mono> : "none"],
        ["Kept by", WAYS[row.way] ?? (row.keeper ? `${row.keeper}; Calypso leaves it alone` : "something else")],
      ]}
      actions={(row) => (row.way === "other" ? [] : [{ label: "Change DNS…", open: () => changeDns(row) }])}
    />
  );
}

function SourcesCard({ query: { data } }: Shown<Ntp>) {
  return <Card title="Sources">{data ? <Sources sources={data.sources} /> : <Loading />}</Card>;
}

/** Why the box does not tell, or what was set here and is not so. */
function Unseen({ message, drift }: { message: string; drift: readonly ClockDrift[] }) {
  if (!message && drift.length === 0) return null;
  return (
    <div className="flex flex-col gap-2 p-3 pb-0">
      {message && <Notice tone="warn" label="Not told" title={message} />}
      {drift.map((each) => (
        <Notice key={each.field} tone="warn" label={`Drift of ${each.field}`} title={`It was set otherwise here: ${each.field}`}>
          <p className="[overflow-wrap:anywhere]">
            Wanted <Mono>{JSON.stringify(each.wanted)}</Mono>, seen <Mono>{JSON.stringify(each.seen)}</Mono>. Set it anew, or as it is now.
          </p>
        </Notice>
      ))}
    </div>
  );
}
