// Why, and for what destroys data its name, typed.
import type { Plan } from "../../api/types";
import { inWords } from "../Bytes";
import { TextField } from "../Field";

interface Props {
  plan: Plan;
  reason: string;
  typed: string;
  /** Without it the reason was given before, and stands. */
  onReason?: (text: string) => void;
  onTyped: (text: string) => void;
}

export function Confirm({ plan, reason, typed, onReason, onTyped }: Props) {
  return (
    <div className="flex flex-col gap-4">
      {plan.destroys && (
        <p>
          This destroys {plan.destroys.bytes === null ? "data" : inWords(plan.destroys.bytes)} for good. <strong>It can’t be undone.</strong>
        </p>
      )}
      {onReason ? (
        <TextField
          label="Reason"
          hint="Why; it stands in the record for good. May be empty."
          value={reason}
          maxLength={1000}
          autoFocus
          onChange={(event) => onReason(event.target.value)}
        />
      ) : (
        <p>
          Reason: <span className="[overflow-wrap:anywhere]">“{reason}”</span>
        </p>
      )}
      {plan.confirm !== null && (
        <TextField
          label={`Type ${plan.confirm} to confirm`}
          className="font-mono"
          value={typed}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          onChange={(event) => onTyped(event.target.value)}
        />
      )}
    </div>
  );
}
