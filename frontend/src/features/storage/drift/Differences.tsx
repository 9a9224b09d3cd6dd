// What is configured and what the box has instead, with the two ways out.
import type { Difference } from "../../../api/types";
import { useAct } from "../../../ui/action/ActionHost";
import { Button } from "../../../ui/Button";
import { inWords } from "../../../ui/Bytes";
import { Mono } from "../../../ui/Page";
import { Time } from "../../../ui/Time";
import { useMay } from "../../auth/queries";
import { accept, restore } from "./queries";

const PRESENCE = "presence"; // the field of what is not there at all

const SIZES = new Set(["quota", "refquota", "reservation", "refreservation", "volsize", "recordsize", "volblocksize", "special_small_blocks"]);

/** A value as a person reads it; ZFS tells sizes in bytes. */
export function word(field: string, value: unknown): string {
  if (SIZES.has(field) && typeof value === "string" && /^\d{4,}$/.test(value)) return inWords(Number(value));
  if (value === "" || value === null || value === undefined) return "not set";
  return typeof value === "string" ? value : JSON.stringify(value);
}

export function Differences({ drift }: { drift: readonly Difference[] }) {
  return (
    <ul className="flex min-w-40 flex-col gap-1">
      {drift.map((each) => (
        <li key={each.field} className="[overflow-wrap:anywhere] whitespace-normal">
          {each.field === PRESENCE ? (
            "It is not there."
          ) : (
            <>
              <Mono>{each.field}</Mono>: configured <Mono>{word(each.field, each.wanted)}</Mono>, the box has <Mono>{word(each.field, each.seen)}</Mono>
            </>
          )}{" "}
          <span className="text-xs text-muted">
            since <Time value={each.since} />
          </span>
        </li>
      ))}
    </ul>
  );
}

export function WaysOut({ address, missing, onGone }: { address: string; missing: boolean; onGone?: () => void }) {
  const act = useAct();
  if (!useMay("administer")) return null;
  return (
    <div className="flex flex-wrap gap-2">
      <Button onClick={() => act(accept(address, missing), missing ? onGone : undefined)}>
        {missing ? "Forget it…" : "Accept what the box has…"}
      </Button>
      <Button onClick={() => act(restore(address))}>Restore what was configured…</Button>
    </div>
  );
}
