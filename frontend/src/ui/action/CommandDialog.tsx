// An action with a declared form: most commands need no more than this.
import { type ReactNode, useRef, useState } from "react";
import type { Ask } from "../../api/command";
import { Problem } from "../../api/problem";
import { ActionDialog } from "./ActionDialog";
import { Fields, type FieldSpec, type Values } from "./fields";
import { text } from "./values";

export interface Action {
  title: string;
  /** What the last button says. */
  verb: string;
  /** One sentence above the fields. */
  about?: ReactNode;
  fields?: readonly FieldSpec[];
  initial?: Values;
  /** No plan is made without a reason: it is asked for first, as the value `reason`. */
  reasonFirst?: boolean;
  /** Asks for the command with what was filled in. */
  ask: (values: Values) => Ask;
}

const REASON: FieldSpec = {
  kind: "text",
  name: "reason",
  label: "Reason",
  hint: "Why; it stands in the record for good.",
  required: "Say why: it stands in the record.",
};

interface Props {
  action: Action;
  onClose: (succeeded: boolean) => void;
}

export function CommandDialog({ action, onClose }: Props) {
  const [values, setValues] = useState<Values>(action.initial ?? {});
  // What runs is what was planned.
  const asked = useRef<Ask>(action.ask(values));
  const fields = [...(action.fields ?? []), ...(action.reasonFirst ? [REASON] : [])];
  const form = (problem: Problem | null) => (
    <div className="flex flex-col gap-4">
      {action.about && <p className="text-muted">{action.about}</p>}
      <Fields fields={fields} values={values} onChange={setValues} errorOf={(name) => saidOf(problem, name)} />
    </div>
  );
  return (
    <ActionDialog
      title={action.title}
      verb={action.verb}
      {...(fields.length > 0 || action.about ? { form } : {})}
      {...(action.reasonFirst ? { reason: text(values, REASON.name) } : {})}
      plan={() => {
        const missing = missingIn(fields, values);
        if (missing) return Promise.reject(missing);
        asked.current = action.ask(values);
        return asked.current.plan();
      }}
      run={(given) => asked.current.run(given)}
      onClose={onClose}
    />
  );
}

/** The first shown field that must be filled in and is not. */
function missingIn(fields: readonly FieldSpec[], values: Values): Problem | undefined {
  const field = fields.find(({ name, required, when }) => required && (when?.(values) ?? true) && !text(values, name));
  return field?.required ? new Problem({ title: field.required, status: 422, code: "missing", field: field.name }) : undefined;
}

/** What the server said about one field or what lies below it. */
export function saidOf(problem: Problem | null, field: string): string | undefined {
  const at = problem?.field ?? "";
  return at === field || at.startsWith(`${field}.`) ? problem?.message : undefined;
}
