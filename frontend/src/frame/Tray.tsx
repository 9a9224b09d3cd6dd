// The operations tray: how many are running, and the last ten with what became of them.
import { useQuery } from "@tanstack/react-query";
import { LoaderCircle } from "lucide-react";
import { Popover } from "radix-ui";
import { useState } from "react";
import { Link } from "react-router";
import { Cancel } from "../features/operations/Cancel";
import { finished, latestOperations } from "../features/operations/queries";
import { OperationState } from "../ui/Badge";
import { Empty } from "../ui/Page";
import { Time } from "../ui/Time";

export function Tray() {
  const [open, setOpen] = useState(false);
  const { data = [] } = useQuery(latestOperations);
  const running = data.filter((operation) => !finished(operation)).length;
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger
        aria-label={`Operations: ${running} running`}
        title="Operations"
        className={`inline-flex h-8 items-center gap-1 rounded px-2 hover:bg-hover ${running > 0 ? "text-busy" : "text-muted"}`}
      >
        <LoaderCircle aria-hidden size={18} />
        {running}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          aria-label="Latest operations"
          align="end"
          sideOffset={4}
          collisionPadding={8}
          className="rise z-30 w-[min(26rem,calc(100vw-16px))] rounded border border-line-strong bg-surface"
        >
          <ul className="max-h-[60vh] overflow-y-auto">
            {data.map((operation) => (
              <li key={operation.id} className="flex items-center border-b border-line">
                <Link
                  to={`/operations/${operation.id}`}
                  onClick={() => setOpen(false)}
                  className="flex h-9 min-w-0 flex-1 items-center gap-3 px-3 text-text hover:bg-hover hover:no-underline"
                >
                  <span className="min-w-0 flex-1 truncate" title={operation.title}>
                    {operation.title}
                  </span>
                  <span className="text-xs text-muted">
                    <Time value={operation.requested_at} />
                  </span>
                  <OperationState state={operation.state} />
                </Link>
                {!finished(operation) && (
                  <div className="pr-2">
                    <Cancel operation={operation} />
                  </div>
                )}
              </li>
            ))}
          </ul>
          {data.length === 0 && <Empty title="Nothing was asked of this box yet" />}
          <Link to="/operations" onClick={() => setOpen(false)} className="block px-3 py-2 text-center">
            All operations
          </Link>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
