// What can be done to a pool: scrub, pause, stop, destroy. Each opens the action dialog.
import { Pause, Play, Square, Trash2 } from "lucide-react";
import { useRef } from "react";
import { useNavigate } from "react-router";
import type { Pool, ScrubAction } from "../../api/types";
import { ActionDialog } from "../../ui/action/ActionDialog";
import { Button } from "../../ui/Button";
import { useMay } from "../auth/queries";
import { destroyPool, scrubPool } from "./queries";

export type PoolAction = ScrubAction | "destroy";

const SCRUBS: Record<ScrubAction, { word: string; icon: typeof Play; title: string }> = {
  start: { word: "Scrub", icon: Play, title: "Start a scrub of" },
  pause: { word: "Pause scrub", icon: Pause, title: "Pause the scrub of" },
  stop: { word: "Stop scrub", icon: Square, title: "Stop the scrub of" },
};

function offered(pool: Pool): ScrubAction[] {
  if (pool.scan?.function !== "scrub") return ["start"];
  if (pool.scan.state === "in_progress") return ["pause", "stop"];
  if (pool.scan.state === "paused") return ["start", "stop"];
  return ["start"];
}

function verb(action: ScrubAction, pool: Pool): string {
  const resuming = action === "start" && pool.scan?.state === "paused";
  return resuming ? "Resume scrub" : SCRUBS[action].word;
}

export function PoolActions({ pool, onAct }: { pool: Pool; onAct: (action: PoolAction) => void }) {
  const [operate, administer] = [useMay("operate"), useMay("administer")];
  return (
    <>
      {operate &&
        offered(pool).map((action) => {
          const Icon = SCRUBS[action].icon;
          return (
            <Button key={action} onClick={() => onAct(action)}>
              <Icon aria-hidden size={14} /> {verb(action, pool)}
            </Button>
          );
        })}
      {administer && (
        <Button onClick={() => onAct("destroy")}>
          <Trash2 aria-hidden size={14} className="text-bad" /> Destroy…
        </Button>
      )}
    </>
  );
}

interface Props {
  action: PoolAction;
  /** As it was when the dialog was opened; it may be gone before the end. */
  pool: Pool;
  onClose: () => void;
}

export function PoolDialog({ action, pool, onClose }: Props) {
  const navigate = useNavigate();
  const version = useRef(pool.version);
  if (action === "destroy") {
    return (
      <ActionDialog
        title={`Destroy pool ${pool.name}`}
        verb="Destroy"
        plan={async () => {
          // Read before the plan is made, so that a change in between is refused and not overlooked.
          version.current = await destroyPool.version(pool);
          return destroyPool.plan(pool.name);
        }}
        run={(given) => destroyPool.run(pool.name, version.current, given)}
        onClose={(succeeded) => {
          onClose();
          if (succeeded) void navigate("/storage/pools");
        }}
      />
    );
  }
  return (
    <ActionDialog
      title={`${SCRUBS[action].title} ${pool.name}`}
      verb={verb(action, pool)}
      plan={() => scrubPool.plan(pool.name, action)}
      run={(given) => scrubPool.run(pool.name, action, given)}
      onClose={onClose}
    />
  );
}
