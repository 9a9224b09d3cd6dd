// Reads those parts of answers that the OpenAPI document leaves open (free JSON): each reader takes anything and says
// what is there, so that a shape we did not expect shows as nothing instead of breaking the page.

type Json = Record<string, unknown>;

function record(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function number(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

export interface Vdev {
  name: string;
  type: string;
  state: string;
  note: string;
  read: number;
  write: number;
  checksum: number;
  children: Vdev[];
}

export function readVdev(value: unknown): Vdev {
  const v = record(value);
  return {
    name: text(v.name),
    type: text(v.type),
    state: text(v.state),
    note: text(v.note),
    read: number(v.read) ?? 0,
    write: number(v.write) ?? 0,
    checksum: number(v.checksum) ?? 0,
    children: list(v.children).map(readVdev),
  };
}

export interface Scan {
  function: string;
  state: string;
  startedAt: string | null;
  endedAt: string | null;
  errors: number | null;
}

export function readScan(value: unknown): Scan | null {
  const s = record(value);
  if (!text(s.state)) return null;
  const moment = (seconds: number | null) => (seconds === null ? null : new Date(seconds * 1000).toISOString());
  return {
    function: text(s.function),
    state: text(s.state),
    startedAt: moment(number(s.started_at)),
    endedAt: moment(number(s.ended_at)),
    errors: number(s.errors),
  };
}

export interface Step {
  title: string;
  kind: string;
  argv: string[];
  call: string;
  state: string;
  exitCode: number | null;
  durationMs: number | null;
  outputBytes: number;
  output: string;
  undo: { argv: string[]; stderr: string } | null;
}

export function readStep(value: unknown): Step {
  const s = record(value);
  const undo = record(s.undo);
  return {
    title: text(s.title),
    kind: text(s.kind),
    argv: list(s.argv).map(String),
    call: text(s.function) || text(s.call),
    state: text(s.state) || "waiting",
    exitCode: number(s.exit_code),
    durationMs: number(s.duration_ms),
    outputBytes: number(s.output_bytes) ?? 0,
    output: [text(s.stdout), text(s.stderr)].filter(Boolean).join("\n"),
    // In a plan it is the list of arguments, in an operation what came of it.
    undo: "argv" in undo ? { argv: list(undo.argv).map(String), stderr: text(undo.stderr) } : null,
  };
}

export interface Told {
  message: string;
  detail: string;
  hint: string;
}

/** An operation's error. */
export function readError(value: unknown): Told | null {
  const e = record(value);
  if (!text(e.message)) return null;
  return { message: text(e.message), detail: text(e.detail), hint: text(e.hint) };
}
