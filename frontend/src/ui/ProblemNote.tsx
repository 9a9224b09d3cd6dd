// A failure: one plain sentence, the tool's own words, what to do next, and small the id that leads to the log line.
import { CircleX } from "lucide-react";
import type { ReactNode } from "react";
import { toProblem } from "../api/problem";
import { Button } from "./Button";

interface Props {
  error: unknown;
  retry?: () => void;
  children?: ReactNode;
}

export function ProblemNote({ error, retry, children }: Props) {
  const { message, detail, hint, requestId } = toProblem(error);
  return (
    <Failure message={message} detail={detail} hint={hint}>
      {children}
      {retry && <Button onClick={retry}>Try again</Button>}
      {requestId && <p className="text-xs text-muted">Request {requestId}</p>}
    </Failure>
  );
}

interface FailureProps {
  message: string;
  detail?: string;
  hint?: string;
  children?: ReactNode;
}

export function Failure({ message, detail, hint, children }: FailureProps) {
  return (
    <div role="alert" className="flex min-w-0 gap-2 rounded border border-bad/40 bg-bad-soft p-3">
      <CircleX aria-hidden size={18} className="mt-px shrink-0 text-bad" />
      <div className="flex min-w-0 flex-1 flex-col items-start gap-2">
        <p className="font-medium break-words text-bad [overflow-wrap:anywhere]">{message}</p>
        {/* Often the tool's words are the sentence. */}
        {detail && detail !== message && (
          <pre className="max-h-60 max-w-full overflow-auto font-mono text-xs whitespace-pre-wrap [overflow-wrap:anywhere]">
            {detail}
          </pre>
        )}
        {hint && <p className="[overflow-wrap:anywhere]">{hint}</p>}
        {children}
      </div>
    </div>
  );
}
