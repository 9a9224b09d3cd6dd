// All quotas of a file system as a form, one row for each user, group or project.
import { Plus, X } from "lucide-react";
import type { Quota, QuotaWish } from "../../../api/types";
import type { CustomProps } from "../../../ui/action/fields";
import { Button, IconButton } from "../../../ui/Button";
import { SelectField, TextField } from "../../../ui/Field";
import { sizeText } from "./drafts";

const KINDS = [
  { value: "user", label: "user" },
  { value: "group", label: "group" },
  { value: "project", label: "project" },
] as const;

export function wishOf(quota: Quota): QuotaWish {
  return { ...quota, space: quota.space === null ? null : sizeText(quota.space) };
}

export function wishesOf(value: unknown): QuotaWish[] {
  // Only this form writes it.
  return Array.isArray(value) ? (value as QuotaWish[]) : [];
}

export function QuotasField({ value, onChange, errorOf }: CustomProps) {
  const wishes = wishesOf(value);
  const change = (at: number, wish: QuotaWish) => onChange(wishes.map((each, i) => (i === at ? wish : each)));
  return (
    <section aria-label="Quotas" className="flex flex-col gap-3">
      {wishes.length === 0 && <p className="text-muted">Nobody has a limit.</p>}
      {wishes.map((wish, at) => (
        <Row
          key={at}
          wish={wish}
          error={(part) => errorOf(`quotas.${at}.${part}`)}
          onChange={(next) => change(at, next)}
          onRemove={() => onChange(wishes.filter((_, i) => i !== at))}
        />
      ))}
      <div>
        <Button onClick={() => onChange([...wishes, { kind: "user", who: "", space: null, objects: null }])}>
          <Plus aria-hidden size={16} /> Add quota
        </Button>
      </div>
    </section>
  );
}

interface RowProps {
  wish: QuotaWish;
  error: (part: string) => string | undefined;
  onChange: (wish: QuotaWish) => void;
  onRemove: () => void;
}

function Row({ wish, error, onChange, onRemove }: RowProps) {
  return (
    <div role="group" aria-label={`Quota of ${wish.who || "somebody"}`} className="flex items-start gap-2 rounded border border-line p-2">
      <div className="grid flex-1 grid-cols-2 gap-2 sm:grid-cols-4">
        <SelectField label="For" value={wish.kind} options={KINDS} onChange={(kind) => onChange({ ...wish, kind })} />
        <TextField
          label="Name or number"
          className="font-mono"
          autoComplete="off"
          value={wish.who}
          error={error("who")}
          onChange={({ target }) => onChange({ ...wish, who: target.value })}
        />
        <TextField
          label="Space"
          className="font-mono"
          placeholder="no limit"
          value={wish.space ?? ""}
          error={error("space")}
          onChange={({ target }) => onChange({ ...wish, space: target.value || null })}
        />
        <TextField
          label="Files and folders"
          type="number"
          min={1}
          placeholder="no limit"
          value={wish.objects ?? ""}
          error={error("objects")}
          onChange={({ target }) => onChange({ ...wish, objects: target.value ? target.valueAsNumber : null })}
        />
      </div>
      <IconButton label={`Remove the quota of ${wish.who || "somebody"}`} onClick={onRemove} className="mt-5">
        <X aria-hidden size={16} />
      </IconButton>
    </div>
  );
}
