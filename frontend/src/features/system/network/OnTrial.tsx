// A change that is on trial: how long still, and the two ways out.
import { useEffect, useState } from "react";
import { post } from "../../../api/command";
import type { NetworkChange } from "../../../api/types";
import { useAct } from "../../../ui/action/ActionHost";
import { Button } from "../../../ui/Button";
import { Notice } from "../../../ui/Notice";
import { useMay } from "../../auth/queries";

export function OnTrial({ change }: { change: NetworkChange }) {
  const act = useAct();
  const may = useMay("administer");
  const left = useSecondsTo(change.deadline);
  const names = [...change.interfaces.map(({ name }) => name), ...change.removed].join(", ");
  const body = { change: change.id };
  return (
    <Notice
      tone="warn"
      label="Change on trial"
      title={`A change of ${names} is on trial: ${left} s left`}
      actions={
        may && (
          <>
            <Button
              look="primary"
              onClick={() =>
                act({ title: "Keep the change of the network", verb: "Keep", ask: () => post("/api/v1/system/network/confirm", { path: {}, body }) })
              }
            >
              Keep it…
            </Button>
            <Button
              onClick={() =>
                act({ title: "Bring the old network back", verb: "Bring back", ask: () => post("/api/v1/system/network/revert", { path: {}, body }) })
              }
            >
              Bring the old one back…
            </Button>
          </>
        )
      }
    >
      <p>If you can read this over the new configuration, keep it. The old one returns by itself when the time is over.</p>
    </Notice>
  );
}

/** Whole seconds until then, never below none. */
function useSecondsTo(deadline: string): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, Math.ceil((Date.parse(deadline) - now) / 1000));
}
