import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import type { Check } from "../../../api/types";
import { Card, Loading, PageHead } from "../../../ui/Page";
import { ProblemNote } from "../../../ui/ProblemNote";
import { Time } from "../../../ui/Time";
import { AlertNotes } from "../../alerts/AlertNotes";
import { useMay } from "../../auth/queries";
import { LastChanges } from "../../events/LastChanges";
import { BundlesCard } from "./BundlesCard";
import { Evidence } from "./Evidence";
import { PowerCard } from "./PowerCard";
import { checks } from "./queries";
import { CheckState, nameOf, worstFirst } from "./words";

export function HealthPage() {
  const may = useMay("administer");
  const query = useQuery(checks);
  return (
    <>
      <PageHead
        title="Health"
        state={query.data && <CheckState state={query.data.state} />}
        about="What Calypso is made of and what it works with: how each is, since when, and what to do."
      />
      <AlertNotes address="system.power" />
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_26rem]">
        <div className="flex min-w-0 flex-col gap-4">
          <Card title="Checks">
            {query.error && <ProblemNote error={query.error} retry={() => void query.refetch()} />}
            {!query.data && !query.error && <Loading />}
            {query.data && (
              <ul aria-label="Checks">
                {worstFirst(query.data.items).map((check) => (
                  <CheckLine key={check.name} check={check} />
                ))}
              </ul>
            )}
          </Card>
          <LastChanges address="system.power" limit={5} />
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <PowerCard />
          {may && <BundlesCard />}
        </div>
      </div>
    </>
  );
}

/** Where more is told about it. */
const PAGES: Record<string, { to: string; label: string }> = {
  time: { to: "/system/time", label: "Time" },
  zfs: { to: "/storage/pools", label: "Pools" },
};

export function CheckLine({ check }: { check: Check }) {
  const page = PAGES[check.name];
  return (
    <li className="flex flex-col gap-1 border-b border-line p-3 last:border-0">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h3 className="w-28 font-medium">{nameOf(check)}</h3>
        <CheckState state={check.state} />
        {check.since && (
          <span className="text-muted">
            since <Time value={check.since} />
          </span>
        )}
        <span className="min-w-0 flex-1 basis-60 [overflow-wrap:anywhere]">{check.message}</span>
        {page && <Link to={page.to}>{page.label}</Link>}
      </div>
      {check.advice && <p className="[overflow-wrap:anywhere]">What to do: {check.advice}</p>}
      {Object.keys(check.evidence).length > 0 && (
        <details>
          <summary className="text-xs text-muted">What this rests on</summary>
          <Evidence facts={check.evidence} />
        </details>
      )}
    </li>
  );
}
