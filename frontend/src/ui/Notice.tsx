// Something about the whole page that wants attention, with its way out.
import { CircleX, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

type Tone = "warn" | "bad" | "busy";

const LOOKS: Record<Tone, { icon: typeof Info; box: string; text: string }> = {
  warn: { icon: TriangleAlert, box: "border-warn/40 bg-warn-soft", text: "text-warn" },
  bad: { icon: CircleX, box: "border-bad/40 bg-bad-soft", text: "text-bad" },
  busy: { icon: Info, box: "border-busy/40 bg-busy-soft", text: "text-busy" },
};

interface Props {
  tone: Tone;
  label: string;
  title: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
}

export function Notice({ tone, label, title, children, actions }: Props) {
  const { icon: Icon, box, text } = LOOKS[tone];
  return (
    <section aria-label={label} className={`flex flex-wrap items-start gap-x-3 gap-y-2 rounded border p-3 ${box}`}>
      <Icon aria-hidden size={18} className={`mt-0.5 shrink-0 ${text}`} />
      <div className="flex min-w-0 flex-1 basis-64 flex-col gap-1">
        <p className={`font-medium [overflow-wrap:anywhere] ${text}`}>{title}</p>
        {children}
      </div>
      {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
    </section>
  );
}
