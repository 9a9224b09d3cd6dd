// Follows the journal of one unit over its own WebSocket: reconnects behind the last line, keeps so many, counts the dropped.
import { Problem } from "../../../api/problem";
import type { LogEntry } from "../../../api/types";
import { atUnix } from "../../../ui/time";

export interface Followed {
  state: "connecting" | "live" | "lost" | "ended";
  /** The newest first. */
  entries: LogEntry[];
  /** Lines that the unit wrote beyond what can be shown. */
  dropped: number;
  problem: Problem | null;
}

interface Told {
  entries?: (Omit<LogEntry, "at"> & { at: number })[];
  dropped?: number;
  error?: { code: string; message: string; hint?: string };
}

export const MOST_KEPT = 2000; // lines
const FIRST_WAIT = 500; // ms
const LONGEST_WAIT = 15_000; // ms
const CLOSE = { badRequest: 4400, notLoggedIn: 4401 };

export class Follower {
  private socket: WebSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private wait = FIRST_WAIT;
  private now: Followed = { state: "connecting", entries: [], dropped: 0, problem: null };

  /** after: the cursor of the newest line that is known; "" begins with the last ones. */
  constructor(
    private readonly url: (after: string) => string,
    private after: string,
    private readonly onChange: (now: Followed) => void,
  ) {}

  start(): void {
    const socket = new WebSocket(this.url(this.after));
    this.socket = socket;
    socket.onopen = () => this.socket === socket && this.become({ state: "live", problem: null });
    socket.onmessage = (event) => this.socket === socket && this.receive(JSON.parse(String(event.data)) as Told);
    socket.onclose = (event) => this.socket === socket && this.closed(event.code, event.reason);
  }

  stop(): void {
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  private receive({ entries = [], dropped = 0, error }: Told): void {
    if (error) {
      this.become({ problem: new Problem({ title: error.message, status: 0, code: error.code, hint: error.hint ?? "" }) });
      return;
    }
    this.wait = FIRST_WAIT;
    const news = entries.map((entry) => ({ ...entry, at: atUnix(entry.at) })).reverse();
    this.after = news[0]?.cursor ?? this.after;
    this.become({
      entries: [...news, ...this.now.entries].slice(0, MOST_KEPT),
      dropped: this.now.dropped + dropped,
    });
  }

  private closed(code: number, reason: string): void {
    this.socket = null;
    if (code === CLOSE.badRequest || code === CLOSE.notLoggedIn) {
      const problem = this.now.problem ?? new Problem({ title: reason || "The journal can’t be followed.", status: code, code: "refused" });
      this.become({ state: "ended", problem });
      return;
    }
    this.become({ state: "lost" });
    this.timer = setTimeout(() => this.start(), this.wait);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
  }

  private become(change: Partial<Followed>): void {
    this.now = { ...this.now, ...change };
    this.onChange(this.now);
  }
}

export function journalAddress(unit: string, asked: { priority?: string; text?: string }, after: string): string {
  const query = new URLSearchParams({ unit });
  if (after) query.set("after", after);
  if (asked.priority) query.set("priority", asked.priority);
  if (asked.text) query.set("text", asked.text);
  const scheme = window.location.protocol === "https:" ? "wss" : "ws";
  return `${scheme}://${window.location.host}/ws/v1/journal?${query.toString()}`;
}
