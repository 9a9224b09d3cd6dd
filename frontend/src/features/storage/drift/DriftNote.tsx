// On the page of a pool or dataset: that it is not as it was configured.
import { useNavigate } from "react-router";
import type { Difference } from "../../../api/types";
import { Notice } from "../../../ui/Notice";
import { Differences, WaysOut } from "./Differences";

interface Props {
  address: string;
  drift: readonly Difference[];
  missing: boolean;
}

export function DriftNote({ address, drift, missing }: Props) {
  const navigate = useNavigate();
  if (drift.length === 0 && !missing) return null;
  const onGone = () => void navigate(address.startsWith("storage.pool.") ? "/storage/pools" : "/storage/datasets");
  return (
    <Notice
      tone={missing ? "bad" : "warn"}
      label="Drift"
      title={missing ? "It is configured but not on the box any more" : "It was changed outside Calypso"}
      actions={<WaysOut address={address} missing={missing} onGone={onGone} />}
    >
      <Differences drift={drift} />
    </Notice>
  );
}
