// The next times of a schedule, by the clock that it goes by.
import { Time } from "../../../ui/Time";
import { atClockOf } from "./words";

export function Moments({ times, zone }: { times: readonly string[]; zone: string }) {
  return (
    <div className="flex flex-col gap-1">
      <ol className="flex flex-col" aria-label={`Next times, by the clock of ${zone}`}>
        {times.map((time) => (
          <li key={time} className="flex flex-wrap gap-x-3">
            <span className="w-40">{atClockOf(zone, time)}</span>
            <span className="text-muted">
              <Time value={time} />
            </span>
          </li>
        ))}
      </ol>
      <p className="text-xs text-muted">By the clock of {zone}.</p>
    </div>
  );
}
