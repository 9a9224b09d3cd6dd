// The operation while it goes on, and its result with a link to what was recorded.
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { Link } from "react-router";
import { Cancel } from "../../features/operations/Cancel";
import { finished, operation as operationQuery } from "../../features/operations/queries";
import { ResultLink } from "../../features/operations/ResultLink";
import { Steps } from "../../features/operations/Steps";
import { OperationState } from "../Badge";
import { Loading } from "../Page";
import { Failure, ProblemNote } from "../ProblemNote";

interface Props {
  id: string;
  /** Told once, with the state that it ended in. */
  onEnded: (state: string) => void;
  /** A link to another page was followed: the dialog must not stand in front of it. */
  onLeave: () => void;
}

export function RunView({ id, onEnded, onLeave }: Props) {
  const { data: operation, error } = useQuery(operationQuery(id));
  const ended = operation && finished(operation) ? operation.state : "";
  useEffect(() => {
    if (ended) onEnded(ended);
    // Told once.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [ended]);
  if (!operation) return error ? <ProblemNote error={error} /> : <Loading />;
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p role="status" className="flex flex-wrap items-center gap-2">
          <OperationState state={operation.state} />
          {!finished(operation) && <span className="text-muted">You may close this; it goes on.</span>}
        </p>
        <Cancel operation={operation} />
      </div>
      {operation.error && <Failure {...operation.error} />}
      <Steps operation={operation} />
      <p className="flex flex-wrap gap-4">
        <ResultLink operation={operation} onLeave={onLeave} />
        <Link to={`/operations/${id}`} onClick={onLeave}>The operation</Link>
        <Link to={`/events?operation=${id}`} onClick={onLeave}>
          {finished(operation) ? `Recorded as events #${operation.position} to #${operation.last_position}` : "Events"}
        </Link>
      </p>
    </div>
  );
}
