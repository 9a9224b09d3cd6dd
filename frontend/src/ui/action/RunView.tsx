// The operation while it goes on, and its result with a link to what was recorded.
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { Link } from "react-router";
import { finished, operation as operationQuery } from "../../features/operations/queries";
import { Steps } from "../../features/operations/Steps";
import { OperationState } from "../Badge";
import { Loading } from "../Page";
import { Failure, ProblemNote } from "../ProblemNote";

export function RunView({ id, onSucceeded }: { id: string; onSucceeded: () => void }) {
  const { data: operation, error } = useQuery(operationQuery(id));
  const succeeded = operation?.state === "succeeded";
  useEffect(() => {
    if (succeeded) onSucceeded();
    // Told once.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [succeeded]);
  if (!operation) return error ? <ProblemNote error={error} /> : <Loading />;
  return (
    <div className="flex flex-col gap-4">
      <p role="status" className="flex flex-wrap items-center gap-2">
        <OperationState state={operation.state} />
        {!finished(operation) && <span className="text-muted">You may close this; it goes on.</span>}
      </p>
      {operation.error && <Failure {...operation.error} />}
      <Steps operation={operation} />
      <p className="flex flex-wrap gap-4">
        <Link to={`/operations/${id}`}>The operation</Link>
        <Link to={`/events?operation=${id}`}>
          {finished(operation) ? `Recorded as events #${operation.position} to #${operation.last_position}` : "Events"}
        </Link>
      </p>
    </div>
  );
}
