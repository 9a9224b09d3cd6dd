// The one WebSocket of the page: follows the ledger, reconnects from the last position, tells whoever listens.

export interface LiveMessage {
  position: number;
  type: string;
  keys: string[];
}

export type LiveState = "connecting" | "catching-up" | "live" | "lost";

export interface LiveStatus {
  state: LiveState;
  /** The last moment at which what the page shows was surely current; set while lost. */
  asOf: Date | null;
}

const FIRST_WAIT = 250; // ms
const LONGEST_WAIT = 15_000; // ms
const CLOSE = { notLoggedIn: 4401, ahead: 4409 };

export class LiveConnection {
  private socket: WebSocket | null = null;
  private since: number | null = null;
  private wait = FIRST_WAIT;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private status: LiveStatus = { state: "connecting", asOf: null };
  private readonly watchers = new Set<() => void>();
  private readonly listeners = new Set<(message: LiveMessage) => void>();

  /** onReady: all up to now has been told; onLoggedOut: the session has ended. */
  constructor(
    private readonly url: (since: number | null) => string,
    private readonly onReady: () => void,
    private readonly onLoggedOut: () => void,
  ) {}

  start = (): void => {
    this.stopped = false;
    window.addEventListener("online", this.now);
    document.addEventListener("visibilitychange", this.now);
    this.connect();
  };

  stop = (): void => {
    this.stopped = true;
    clearTimeout(this.timer);
    window.removeEventListener("online", this.now);
    document.removeEventListener("visibilitychange", this.now);
    this.socket?.close();
    this.socket = null;
  };

  getStatus = (): LiveStatus => this.status;

  /** For useSyncExternalStore. */
  watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  listen = (listener: (message: LiveMessage) => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private stopped = true;

  /** Back online or back in view: no sense in waiting longer. */
  private readonly now = (): void => {
    if (this.stopped || this.socket !== null || document.hidden) return;
    this.wait = FIRST_WAIT;
    this.connect();
  };

  private connect(): void {
    clearTimeout(this.timer);
    const socket = new WebSocket(this.url(this.since));
    this.socket = socket;
    socket.onopen = () => {
      if (this.socket === socket) this.become("catching-up");
    };
    socket.onmessage = (event) => {
      if (this.socket === socket) this.receive(String(event.data));
    };
    socket.onclose = (event) => {
      if (this.socket === socket) this.closed(event.code);
    };
  }

  private receive(text: string): void {
    const message = JSON.parse(text) as LiveMessage & { control?: string };
    this.since = message.position;
    if (message.control === "ready") {
      this.wait = FIRST_WAIT;
      this.become("live");
      this.onReady();
    } else {
      for (const listener of this.listeners) listener(message);
    }
  }

  private closed(code: number): void {
    this.socket = null;
    if (code === CLOSE.notLoggedIn) {
      this.stop();
      this.onLoggedOut();
      return;
    }
    // The ledger is shorter than what we saw: another box, or a restored one. Begin anew at its end.
    if (code === CLOSE.ahead) this.since = null;
    this.become("lost");
    // Some randomness, so that all open pages don't come back in the same instant.
    this.timer = setTimeout(() => this.connect(), this.wait * (0.75 + Math.random() / 2));
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
  }

  private become(state: LiveState): void {
    const was = this.status;
    const asOf = state === "live" ? null : (was.asOf ?? (was.state === "live" ? new Date() : null));
    this.status = { state, asOf: state === "lost" ? (asOf ?? new Date()) : asOf };
    for (const watcher of this.watchers) watcher();
  }
}
