// What can be done with the key of an encrypted dataset.
import { KeyRound, Lock, LockOpen } from "lucide-react";
import { post } from "../../../api/command";
import type { Dataset } from "../../../api/types";
import type { Offer } from "../../../ui/action/ActionBar";
import { choice, flag } from "../../../ui/action/values";
import { OWN_KEYS, passphraseFields, withPassphrase } from "./keyFields";

const CHANGES = [...OWN_KEYS, { value: "above", label: "the key of what it is in" }] as const;

function load(row: Dataset): Offer {
  return {
    label: "Load key…",
    icon: LockOpen,
    open: () => ({
      title: `Load the key of ${row.name}`,
      verb: "Load key",
      ...(row.key_kept ? { about: "Calypso keeps this key; nothing is to be typed." } : {}),
      fields: [
        ...(row.key_kept ? [] : [{ kind: "secret" as const, name: "passphrase", label: "Passphrase", hint: "Or the key in hex digits." }]),
        { kind: "check", name: "mount", label: "Mount afterwards what is mounted by itself" },
      ],
      initial: { mount: true },
      ask: (values) =>
        post("/api/v1/storage/datasets/{dataset_id}/load-key", {
          path: { dataset_id: row.id },
          body: {
            passphrase: !row.key_kept && typeof values.passphrase === "string" ? values.passphrase : null,
            mount: flag(values, "mount"),
          },
        }),
    }),
  };
}

function unload(row: Dataset): Offer {
  return {
    label: "Unload key…",
    icon: Lock,
    open: () => ({
      title: `Unload the key of ${row.name}`,
      verb: "Unload key",
      about: "What is encrypted with it is unmounted and can’t be read until the key is loaded again.",
      fields: [{ kind: "check", name: "force", label: "Even when something uses it" }],
      initial: { force: false },
      ask: (values) =>
        post("/api/v1/storage/datasets/{dataset_id}/unload-key", {
          path: { dataset_id: row.id },
          body: { force: flag(values, "force") },
        }),
    }),
  };
}

function change(row: Dataset): Offer {
  return {
    label: "Change key…",
    icon: KeyRound,
    open: () => ({
      title: `Change the key of ${row.name}`,
      verb: "Change key",
      fields: [
        { kind: "choice", name: "key", label: "New key", options: CHANGES },
        ...passphraseFields("passphrase", (values) => choice(values, "key", CHANGES) === "passphrase"),
      ],
      initial: { key: "passphrase" },
      ask: (values) => {
        const key = choice(values, "key", CHANGES);
        return withPassphrase(values, "passphrase", key === "passphrase", (passphrase) =>
          post("/api/v1/storage/datasets/{dataset_id}/change-key", {
            path: { dataset_id: row.id },
            body: { passphrase, inherit: key === "above" },
          }),
        );
      },
    }),
  };
}

export function keyOffers(row: Dataset): Offer[] {
  if (row.encryption === "off" || row.encryption_root !== row.name) {
    // One that is encrypted with the key from above may get its own.
    return row.encryption !== "off" && row.key_status === "available" ? [change(row)] : [];
  }
  return row.key_status === "available" ? [unload(row), change(row)] : [load(row)];
}
