import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, useParams } from "react-router";
import { toProblem } from "../../../api/problem";
import type { ServiceDetail } from "../../../api/types";
import { ActionBar } from "../../../ui/action/ActionBar";
import { Bytes } from "../../../ui/Bytes";
import { Facts } from "../../../ui/Facts";
import { Notice } from "../../../ui/Notice";
import { Card, Empty, Loading, Mono, PageHead } from "../../../ui/Page";
import { ProblemNote } from "../../../ui/ProblemNote";
import { Tabs, useTab } from "../../../ui/Tabs";
import { Time } from "../../../ui/Time";
import { duration } from "../../../ui/time";
import { AlertNotes } from "../../alerts/AlertNotes";
import { useMay } from "../../auth/queries";
import { LastChanges } from "../../events/LastChanges";
import { serviceOffers } from "./actions";
import { Journal } from "./Journal";
import { service } from "./queries";
import { FileState, servicePage, UnitState } from "./words";

const LIST = { to: "/system/services", label: "Services" };
const TABS = [
  { key: "journal", label: "Journal" },
  { key: "about", label: "About" },
  { key: "history", label: "History" },
];

export function ServicePage() {
  const { name = "" } = useParams();
  const query = useQuery(service(name));
  if (query.error && toProblem(query.error).status === 404) {
    return (
      <>
        <PageHead title={name} mono up={LIST} />
        <Empty title="There is no such unit on the box">
          <p>If it was here before, its last changes below say what became of it.</p>
        </Empty>
        <LastChanges address={`system.service.${name}`} limit={20} />
      </>
    );
  }
  if (!query.data) {
    return query.error ? <ProblemNote error={query.error} retry={() => void query.refetch()} /> : <Loading />;
  }
  return <Shown row={query.data} />;
}

function Shown({ row }: { row: ServiceDetail }) {
  const may = { operate: useMay("operate"), administer: useMay("administer") };
  const tab = useTab(TABS);
  const address = `system.service.${row.unit}`;
  const told = (alert: { title: string }) => row.why !== "" && alert.title.includes("failed");
  return (
    <>
      <PageHead
        up={LIST}
        title={row.unit}
        mono
        state={
          <span className="flex flex-wrap items-center gap-2">
            <UnitState row={row} />
            {row.since && (
              <span className="text-muted">
                <Time value={row.since} />
              </span>
            )}
            <FileState row={row} />
          </span>
        }
        about={[row.description, row.part && `part of ${row.part}`].filter(Boolean).join(" · ")}
        actions={<ActionBar label={`More for ${row.unit}`} offers={serviceOffers(row, may)} />}
      />
      {row.why && (
        <Notice tone="bad" label="Why it failed" title={row.why}>
          <p>Its journal below tells more. When the cause is gone, start it again.</p>
        </Notice>
      )}
      <AlertNotes address={address} without={told} />
      {row.branch && <p className="text-muted">It would be missed: {row.branch}. What stops it takes its name, typed.</p>}
      <Tabs tabs={TABS} label={`Parts of ${row.unit}`} />
      {tab === "journal" && <Journal key={row.unit} unit={row.unit} />}
      {tab === "about" && <About row={row} />}
      {tab === "history" && <LastChanges address={address} limit={50} />}
    </>
  );
}

function About({ row }: { row: ServiceDetail }) {
  const dependencies = Object.entries(row.dependencies).filter(([, units]) => units.length > 0);
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <Card title="Now">
        <Facts facts={facts(row)} />
      </Card>
      <Card title="Bound to">
        {dependencies.length === 0 && <p className="p-3 text-muted">Nothing that systemd tells of.</p>}
        {dependencies.length > 0 && (
          <Facts facts={dependencies.map(([kind, units]) => [inWords(kind), <Units key={kind} units={units} />])} />
        )}
      </Card>
    </div>
  );
}

function Units({ units }: { units: string[] }) {
  return (
    <span className="flex flex-wrap gap-x-3">
      {units.map((unit) => (
        <Link key={unit} to={servicePage({ unit })} className="font-mono text-sm">
          {unit}
        </Link>
      ))}
    </span>
  );
}

/** `wanted_by` → `Wanted by`. */
function inWords(kind: string): string {
  const words = kind.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const UNSET = 2 ** 63; // systemd's words for “not counted” are the greatest numbers

function facts({ properties: told, result, exit_status: status, sampled_at: at, changes }: ServiceDetail): [string, ReactNode][] {
  const number = (name: string) => {
    const value = told[name];
    return typeof value === "number" && value > 0 && value < UNSET ? value : null;
  };
  const [memory, cpu, pid] = [number("MemoryCurrent"), number("CPUUsageNSec"), number("MainPID")];
  const file = told.FragmentPath;
  return [
    ["Process", pid === null ? "none" : <Mono>{pid}</Mono>],
    ["Memory", memory === null ? "–" : <Bytes value={memory} />],
    ["Processor time", cpu === null ? "–" : duration(cpu / 1e6)],
    ["Tasks", number("TasksCurrent") ?? "–"],
    ["Restarted by itself", `${number("NRestarts") ?? 0} times`],
    ["On failure", typeof told.Restart === "string" ? <Mono>{told.Restart}</Mono> : "–"],
    ["Last result", result ? `${result}${status ? `, status ${status}` : ""}` : "–"],
    ["File", typeof file === "string" && file ? <Mono>{file}</Mono> : "–"],
    ["Changes lately", changes > 1 ? `${changes} before the latest event` : "none that were left out"],
    ["Looked at", at ? <Time value={at} /> : "not yet"],
  ];
}
