// Which queries an event makes stale, and how they are fetched again without a storm of requests.
import type { QueryClient, QueryKey } from "@tanstack/react-query";
import type { LiveMessage } from "./live";

const PAUSE = 100; // ms between two rounds

/** A schedule's runs end with their operations; what happens in between changes no schedule. */
const ENDS = /^operations\.Operation(Succeeded|Failed|Cancelled|Interrupted)\./;

/** What the page of the clock and the names shows. */
const CLOCK = new Set(["system.time", "system.ntp", "system.hostname", "system.dns"]);

/** The query keys that show what an event is about. */
export function staleAfter(message: LiveMessage): QueryKey[] {
  const keys: QueryKey[] = [["history"]];
  for (const key of message.keys) {
    if (key.startsWith("storage.disk.")) keys.push(["disks"]);
    // A pool's members are shown with the disks.
    else if (key.startsWith("storage.pool.")) keys.push(["pools"], ["disks"], ["datasets"], ["snapshots"], ["drift"]);
    else if (key.startsWith("storage.dataset.")) keys.push(["datasets"], ["snapshots"], ["drift"]);
    else if (key.startsWith("storage.snapshot.")) keys.push(["snapshots"]);
    else if (key.startsWith("storage.schedule.")) keys.push(["schedules"]);
    else if (key.startsWith("system.service")) keys.push(["services"], ["checks"]);
    else if (CLOCK.has(key)) keys.push(["time"], ["checks"]);
    else if (key === "system.network" || key.startsWith("system.interface.")) keys.push(["network"]);
    else if (key === "system.power") keys.push(["power"]);
    else if (key === "system.bundle") keys.push(["bundles"]);
    else if (key === "alerts") keys.push(["alerts"]);
    else if (key.startsWith("operation.")) keys.push(["operations"], ...(ENDS.test(message.type) ? [["schedules"]] : []));
  }
  return keys;
}

/**
 * Collects stale keys and refetches them in rounds: the next begins when the one before has ended, so that events in
 * quick succession neither cancel each other's requests nor multiply them, and the last one is never missed.
 */
export class Invalidation {
  private readonly stale = new Map<string, QueryKey>();
  private running = false;

  constructor(private readonly queries: QueryClient) {}

  add(message: LiveMessage): void {
    for (const key of staleAfter(message)) this.stale.set(JSON.stringify(key), key);
    if (!this.running) void this.run();
  }

  private async run(): Promise<void> {
    this.running = true;
    while (this.stale.size > 0) {
      const round = [...this.stale.values()];
      this.stale.clear();
      await Promise.allSettled(round.map((queryKey) => this.queries.invalidateQueries({ queryKey })));
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    this.running = false;
  }
}
