// How far the step in hand has got, where its tool tells.
import type { Progress } from "../../api/types";
import { Bar } from "../../ui/Bar";
import { inWords } from "../../ui/Bytes";
import { duration } from "../../ui/time";

export function ProgressLine({ progress, label }: { progress: Omit<Progress, "step" | "sampled_at">; label: string }) {
  const { percent, done, total, rate, eta_seconds: eta } = progress;
  const words = [
    percent === null ? "" : `${percent.toFixed(1)} %`,
    done !== null && total !== null ? `${inWords(done)} of ${inWords(total)}` : "",
    rate === null ? "" : `${inWords(Math.round(rate))}/s`,
    eta === null ? "" : `about ${duration(eta * 1000)} to go`,
  ];
  return (
    <div className="flex flex-col gap-1">
      {percent !== null && <Bar percent={percent} label={label} tone="busy" />}
      <p className="text-xs text-muted">{words.filter(Boolean).join(" · ")}</p>
    </div>
  );
}
