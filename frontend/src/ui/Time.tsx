// A moment: relative, with the exact local and UTC time on hover. All of them share one clock.
import { useSyncExternalStore } from "react";
import { ago, exact } from "./time";

const EVERY = 5000; // ms
const watchers = new Set<() => void>();
let now = new Date();
let timer: ReturnType<typeof setInterval> | undefined;

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  timer ??= setInterval(() => {
    now = new Date();
    watchers.forEach((each) => each());
  }, EVERY);
  return () => {
    watchers.delete(watcher);
    if (watchers.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

export function useNow(): Date {
  return useSyncExternalStore(watch, () => now);
}

export function Time({ value }: { value: string }) {
  const then = new Date(value);
  const shared = useNow();
  // What has just happened is not in the future, though the shared clock ticks only now and then; what is to come is.
  const ahead = then.getTime() - shared.getTime();
  const at = ahead > 0 && ahead < 2 * EVERY ? then : shared;
  return (
    <time dateTime={value} title={exact(then)} className="whitespace-nowrap">
      {ago(then, at)}
    </time>
  );
}
