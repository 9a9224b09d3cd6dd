// The key that a dataset is encrypted with, and the one look at it where Calypso keeps it.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Link } from "react-router";
import { answered, client } from "../../../api/client";
import type { Dataset } from "../../../api/types";
import { Button } from "../../../ui/Button";
import { CopyField } from "../../../ui/CopyField";
import { Facts } from "../../../ui/Facts";
import { TextField } from "../../../ui/Field";
import { Card, Mono } from "../../../ui/Page";
import { ProblemNote } from "../../../ui/ProblemNote";
import { Time } from "../../../ui/Time";
import { useMay } from "../../auth/queries";

export function KeyCard({ row }: { row: Dataset }) {
  const may = useMay("administer");
  const own = row.encryption_root === row.name;
  const kept: [string, ReactNode][] = row.key_kept
    ? [
        ["Kept", "by Calypso: it opens by itself"],
        ["Fingerprint", <Mono>{row.key_fingerprint}</Mono>],
        ["Exported", row.key_exported_at ? <Time value={row.key_exported_at} /> : "never"],
      ]
    : [];
  const root = <Link to={`/storage/datasets?under=${encodeURIComponent(row.encryption_root)}`}><Mono>{row.encryption_root}</Mono></Link>;
  return (
    <Card title="Encryption">
      <Facts
        facts={[
          ["Cipher", row.encryption],
          ["Key", row.key_status === "available" ? "loaded" : "not loaded"],
          ["Key of", own ? "its own" : root],
          ["Form", row.key_format],
          ...kept,
        ]}
      />
      {may && row.key_kept && own && <Export row={row} />}
    </Card>
  );
}

/** The key lives in this component and nowhere else: no cache of queries or answers ever has it. */
function Export({ row }: { row: Dataset }) {
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState("");
  const [key, setKey] = useState("");
  const exporting = useMutation({
    mutationFn: async () => {
      const path = { dataset_id: row.id };
      const shown = await answered(
        client.POST("/api/v1/storage/datasets/{dataset_id}/export-key", { params: { path }, body: { reason } }),
      );
      setKey(shown.key);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["datasets"] }),
  });
  const close = () => {
    setKey("");
    setAsking(false);
    setReason("");
    exporting.reset();
  };
  if (key) {
    return (
      <div className="flex flex-col items-start gap-2 border-t border-line p-3">
        <p>
          This is the key. It is <strong>shown this once</strong>; keep it where the data of this box is not.
        </p>
        <CopyField label={`Key of ${row.name}`} value={key} />
        <Button onClick={close}>I have it: hide the key</Button>
      </div>
    );
  }
  if (row.key_exported_at) {
    return <p className="border-t border-line p-3 text-muted">Its key was shown already. Change the key to have one to export.</p>;
  }
  if (!asking) {
    return (
      <div className="border-t border-line p-3">
        <Button onClick={() => setAsking(true)}>Export key…</Button>
      </div>
    );
  }
  return (
    <div className="flex flex-col gap-3 border-t border-line p-3">
      <p>Without this key nothing in {row.name} can be read on another box. It is shown once; that it was is on record.</p>
      <TextField label="Reason" hint="Why; it stands in the record for good." value={reason} autoFocus onChange={(event) => setReason(event.target.value)} />
      {exporting.error && <ProblemNote error={exporting.error} />}
      <div className="flex flex-wrap gap-2">
        <Button look="primary" disabled={exporting.isPending} onClick={() => exporting.mutate()}>
          Show the key once
        </Button>
        <Button onClick={close}>Cancel</Button>
      </div>
    </div>
  );
}
