// Passphrases in forms: typed twice, held only while the dialog is open.
import { type Ask, refused } from "../../../api/command";
import { Problem } from "../../../api/problem";
import type { FieldSpec, Values } from "../../../ui/action/fields";

export const OWN_KEYS = [
  { value: "passphrase", label: "a passphrase of its own" },
  { value: "kept", label: "a key of its own that Calypso makes and keeps" },
] as const;
export const CIPHERS = [
  { value: "aes-256-gcm", label: "aes-256-gcm" },
  { value: "aes-192-gcm", label: "aes-192-gcm" },
  { value: "aes-128-gcm", label: "aes-128-gcm" },
  { value: "aes-256-ccm", label: "aes-256-ccm" },
  { value: "aes-192-ccm", label: "aes-192-ccm" },
  { value: "aes-128-ccm", label: "aes-128-ccm" },
] as const;

export function passphraseFields(name: string, when: (values: Values) => boolean): FieldSpec[] {
  return [
    {
      kind: "secret",
      name,
      label: "Passphrase",
      hint: "8 characters or more. Calypso does not keep it: without it the data is lost, and after a start of the box somebody must type it.",
      when,
    },
    { kind: "secret", name: "repeat", label: "Passphrase again", when },
  ];
}

/** The ask with the passphrase as it was typed, blanks included; refused where the second one differs. */
export function withPassphrase(values: Values, name: string, asked: boolean, make: (passphrase: string | null) => Ask): Ask {
  if (!asked) return make(null);
  const passphrase = values[name];
  if (passphrase !== values.repeat) {
    return refused(new Problem({ title: "The two passphrases differ.", status: 422, code: "passphrases_differ", field: "repeat" }));
  }
  return make(typeof passphrase === "string" ? passphrase : "");
}
