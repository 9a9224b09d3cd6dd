// Ends an operation: at once while it is queued, otherwise where its tools can be stopped.
import type { Operation } from "../../api/types";
import { Button } from "../../ui/Button";
import { ProblemNote } from "../../ui/ProblemNote";
import { useMay } from "../auth/queries";
import { finished, useCancel } from "./queries";

export function Cancel({ operation }: { operation: Operation }) {
  const cancel = useCancel();
  const may = useMay("operate");
  if (finished(operation) || !may) return null;
  return (
    <div className="flex flex-col items-end gap-2">
      <Button
        aria-label={operation.cancel_requested ? undefined : `Cancel: ${operation.title}`}
        onClick={() => cancel.mutate(operation.id)}
        disabled={cancel.isPending || operation.cancel_requested}
      >
        {operation.cancel_requested ? "Being cancelled…" : "Cancel"}
      </Button>
      {cancel.error && <ProblemNote error={cancel.error} />}
    </div>
  );
}
