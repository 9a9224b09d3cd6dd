// Says on every page that nothing here is real.
import { useQuery } from "@tanstack/react-query";
import { FlaskConical } from "lucide-react";
import { health } from "../features/auth/queries";

export function LabRibbon() {
  const { data } = useQuery(health);
  if (!data?.lab) return null;
  return (
    <span
      title="LAB: simulated hardware. No real device is touched."
      className="inline-flex h-6 items-center gap-1 rounded border border-warn px-2 text-xs font-medium whitespace-nowrap text-warn"
    >
      <FlaskConical aria-hidden size={13} />
      <span>
        LAB<span className="max-sm:sr-only">: simulated hardware</span>
      </span>
    </span>
  );
}
