// What can be done to a pool: scrub, pause, stop, destroy. Each opens the action dialog.
import { Pause, Play, Square, Trash2 } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { readScan } from "../../api/open";
import type { Pool, ScrubAction } from "../../api/types";
import { ActionDialog } from "../../ui/action/ActionDialog";
import { Button } from "../../ui/Button";
import { useMay } from "../auth/queries";
import { destroyPool, scrubPool } from "./queries";

const SCRUBS: Record<ScrubAction, { word: string; icon: typeof Play; title: string }> = {
  start: { word: "Scrub", icon: Play, title: "Start a scrub of" },
  pause: { word: "Pause scrub", icon: Pause, title: "Pause the scrub of" },
  stop: { word: "Stop scrub", icon: Square, title: "Stop the scrub of" },
};

function offered(pool: Pool): ScrubAction[] {
  const scan = readScan(pool.scan);
  if (scan?.function === "scrub" && scan.state === "in_progress") return ["pause", "stop"];
  if (scan?.function === "scrub" && scan.state === "paused") return ["start", "stop"];
  return ["start"];
}

export function PoolActions({ pool }: { pool: Pool }) {
  const [open, setOpen] = useState<ScrubAction | "destroy" | null>(null);
  const [operate, administer] = [useMay("operate"), useMay("administer")];
  const navigate = useNavigate();
  const close = () => setOpen(null);
  const resuming = readScan(pool.scan)?.state === "paused";
  return (
    <>
      {operate &&
        offered(pool).map((action) => {
          const { word, icon: Icon } = SCRUBS[action];
          return (
            <Button key={action} onClick={() => setOpen(action)}>
              <Icon aria-hidden size={14} /> {action === "start" && resuming ? "Resume scrub" : word}
            </Button>
          );
        })}
      {administer && (
        <Button onClick={() => setOpen("destroy")}>
          <Trash2 aria-hidden size={14} className="text-bad" /> Destroy…
        </Button>
      )}
      {open === "destroy" && (
        <ActionDialog
          title={`Destroy pool ${pool.name}`}
          verb="Destroy"
          plan={() => destroyPool.plan(pool.name)}
          // The version that the page showed when the dialog was opened: not another's newer pool of this name.
          run={(given) => destroyPool.run(pool.name, pool.version, given)}
          onClose={(succeeded) => {
            close();
            if (succeeded) void navigate("/storage/pools");
          }}
        />
      )}
      {open !== null && open !== "destroy" && (
        <ActionDialog
          title={`${SCRUBS[open].title} ${pool.name}`}
          verb={open === "start" && resuming ? "Resume scrub" : SCRUBS[open].word}
          plan={() => scrubPool.plan(pool.name, open)}
          run={(given) => scrubPool.run(pool.name, open, given)}
          onClose={close}
        />
      )}
    </>
  );
}
