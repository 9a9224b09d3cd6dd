// The alerts about one thing, on its own page.
import { useQuery } from "@tanstack/react-query";
import type { Alert } from "../../api/types";
import { useAct } from "../../ui/action/ActionHost";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { Time } from "../../ui/Time";
import { useMay } from "../auth/queries";
import { acknowledge, bySeverity, standing } from "./queries";

const TONES = { critical: "bad", warning: "warn", info: "busy" } as const;

interface Props {
  address: string;
  /** What the page tells by itself, with more to do about it. */
  without?: (alert: Alert) => boolean;
}

export function AlertNotes({ address, without }: Props) {
  const { data = [] } = useQuery(standing(address));
  const act = useAct();
  const may = useMay("operate");
  return data
    .filter((alert) => alert.state === "active" && !without?.(alert))
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
