// Where the result of an operation is read, where it has one beside its steps.
import { Link } from "react-router";
import type { Operation } from "../../api/types";

export function ResultLink({ operation, onLeave }: { operation: Operation; onLeave?: () => void }) {
  if (operation.command !== "storage.DiffSnapshots" || operation.state !== "succeeded") return null;
  return (
    <Link to={`/storage/snapshots/diffs/${operation.id}`} onClick={onLeave}>
      What the comparison found
    </Link>
  );
}
