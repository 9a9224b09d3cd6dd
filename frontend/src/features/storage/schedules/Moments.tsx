// The next times of a schedule.
import { Time } from "../../../ui/Time";

const local = (time: string) =>
  new Date(time).toLocaleString("en-GB", { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

export function Moments({ times }: { times: readonly string[] }) {
  return (
    <ol className="flex flex-col" aria-label="Next times, by the clock of this browser" title="By the clock of this browser">
      {times.map((time) => (
        <li key={time} className="flex gap-3">
          <span className="w-40">{local(time)}</span>
          <span className="text-muted">
            <Time value={time} />
          </span>
        </li>
      ))}
    </ol>
  );
}
