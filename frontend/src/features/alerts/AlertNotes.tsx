// The alerts about one thing, on its own page.
import { useQuery } from "@tanstack/react-query";
import { useAct } from "../../ui/action/ActionHost";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { Time } from "../../ui/Time";
import { useMay } from "../auth/queries";
import { acknowledge, bySeverity, standing } from "./queries";

const TONES = { critical: "bad", warning: "warn", info: "busy" } as const;

/** ``without``: a rule whose alerts the page tells by itself, with more to do about them. */
export function AlertNotes({ address, without = "" }: { address: string; without?: string }) {
  const { data = [] } = useQuery(standing(address));
  const act = useAct();
  const may = useMay("operate");
  return data
    .filter((alert) => alert.state === "active" && alert.rule !== without)
    .sort(bySeverity)
    .map((alert) => (
      <Notice
        key={alert.id}
        tone={TONES[alert.severity]}
        label={`Alert: ${alert.title}`}
        title={alert.title}
        actions={may && <Button aria-label={`Acknowledge: ${alert.title}`} onClick={() => act(acknowledge(alert))}>
            Acknowledge…
          </Button>}
      >
        <p>
          {alert.text} {alert.advice}
        </p>
        <p className="text-xs text-muted">
          Since <Time value={alert.raised_at} />
        </p>
      </Notice>
    ));
}
