// Making a file system or a volume, with or without a key of its own.
import { post } from "../../../api/command";
import type { Action } from "../../../ui/action/CommandDialog";
import type { Values } from "../../../ui/action/fields";
import { choice, flag, text } from "../../../ui/action/values";
import { changesOf, editedOf } from "./drafts";
import { CIPHERS, OWN_KEYS, passphraseFields, withPassphrase } from "./keyFields";
import { newFields } from "./PropertyFields";

const TYPES = [
  { value: "filesystem", label: "file system" },
  { value: "volume", label: "volume (a block device)" },
] as const;
const KEYS = [{ value: "above", label: "as what it is in" }, ...OWN_KEYS] as const;

const isVolume = (values: Values) => values.type === "volume";
const hasOwnKey = (values: Values) => choice(values, "key", KEYS) !== "above";

/** ``parent``: what it is to be in; "" when the full name is asked for. */
export function createDataset(parent: string): Action {
  return {
    title: parent ? `Create dataset in ${parent}` : "Create dataset",
    verb: "Create",
    fields: [
      {
        kind: "text",
        name: "name",
        label: parent ? "Name" : "Full name",
        mono: true,
        placeholder: parent ? "" : "tank/data",
        hint: parent ? `Behind ${parent}/.` : "Its pool’s name, and the datasets that it is in, with / between.",
      },
      { kind: "choice", name: "type", label: "Type", options: TYPES },
      { kind: "text", name: "volsize", label: "Size", mono: true, placeholder: "1.5T", hint: "For example 500 GiB or 1.5T.", when: isVolume },
      { kind: "check", name: "thin", label: "Thin", hint: "Reserves no space: it can run out while it seems to have some.", when: isVolume },
      { kind: "check", name: "parents", label: "Create what is missing above it" },
      { kind: "choice", name: "key", label: "Encryption", options: KEYS },
      ...passphraseFields("encryption.passphrase", (values) => choice(values, "key", KEYS) === "passphrase"),
      { kind: "choice", name: "cipher", label: "Cipher", options: CIPHERS, when: hasOwnKey },
      newFields,
    ],
    initial: { type: "filesystem", name: "", thin: false, parents: false, key: "above", cipher: CIPHERS[0].value },
    ask: (values) => {
      const key = choice(values, "key", KEYS);
      return withPassphrase(values, "encryption.passphrase", key === "passphrase", (passphrase) =>
        post("/api/v1/storage/datasets", {
          path: {},
          body: {
            name: [parent, text(values, "name")].filter(Boolean).join("/"),
            type: choice(values, "type", TYPES),
            ...(isVolume(values) ? { volsize: text(values, "volsize") } : {}),
            thin: isVolume(values) && flag(values, "thin"),
            parents: flag(values, "parents"),
            properties: changesOf(editedOf(values.properties)).properties,
            encryption: key === "above" ? null : { cipher: choice(values, "cipher", CIPHERS), passphrase },
          },
        }),
      );
    },
  };
}
