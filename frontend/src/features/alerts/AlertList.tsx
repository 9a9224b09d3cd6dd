// Alerts one below the other, their words in full: a person at night reads no tooltips.
import type { Alert } from "../../api/types";
import { useAct } from "../../ui/action/ActionHost";
import { Button } from "../../ui/Button";
import { Time } from "../../ui/Time";
import { useFresh } from "../../ui/useFresh";
import { useMay } from "../auth/queries";
import { person } from "../events/words";
import { acknowledge } from "./queries";
import { AlertState, Severity, Subject } from "./words";

interface Props {
  alerts: Alert[];
  label: string;
  /** Without what to do about them, for a page where they are only announced. */
  brief?: boolean;
}

export function AlertList({ alerts, label, brief = false }: Props) {
  const fresh = useFresh(alerts, (alert) => alert.id, (alert) => alert.version);
  return (
    <ul aria-label={label}>
      {alerts.map((alert) => (
        <li
          key={alert.id}
          className={`flex flex-wrap items-start gap-x-4 gap-y-2 border-b border-line p-3 last:border-0 ${fresh.has(alert.id) ? "fresh" : ""}`}
        >
          <span className="w-20 shrink-0">
            <Severity alert={alert} />
          </span>
          <Words alert={alert} brief={brief} />
          <Acknowledge alert={alert} />
        </li>
      ))}
    </ul>
  );
}

function Words({ alert, brief }: { alert: Alert; brief: boolean }) {
  return (
    <div className="flex min-w-0 flex-1 basis-64 flex-col gap-0.5 [overflow-wrap:anywhere]">
      <p className="font-medium">{alert.title}</p>
      {!brief && <p>{alert.text}</p>}
      {!brief && alert.state !== "cleared" && <p className="text-muted">{alert.advice}</p>}
      <p className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-muted">
        {!brief && <AlertState alert={alert} />}
        <Subject address={alert.resource} />
        <span>
          since <Time value={alert.raised_at} />
        </span>
        {alert.cleared_at && (
          <span>
            cleared <Time value={alert.cleared_at} />
          </span>
        )}
        {alert.state === "acknowledged" && (
          <span>
            acknowledged by {person(alert.acknowledged_by)}
            {alert.acknowledged_reason && `: “${alert.acknowledged_reason}”`}
          </span>
        )}
      </p>
    </div>
  );
}

function Acknowledge({ alert }: { alert: Alert }) {
  const act = useAct();
  const may = useMay("operate");
  if (!may || alert.state !== "active") return null;
  return (
    <Button aria-label={`Acknowledge: ${alert.title}`} onClick={() => act(acknowledge(alert))}>
      Acknowledge…
    </Button>
  );
}
