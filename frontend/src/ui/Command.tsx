// A command as it is run: one argument after the other, quoted the way a shell would want it.
const PLAIN = /^[\w@%+=:,./-]+$/;

export function quoted(argv: readonly string[]): string {
  return argv.map((word) => (PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(" ");
}

export function Command({ argv }: { argv: readonly string[] }) {
  return (
    <pre className="rounded bg-bg px-2 py-1.5 font-mono text-xs whitespace-pre-wrap [overflow-wrap:anywhere]">
      <span aria-hidden className="text-muted select-none">
        ${" "}
      </span>
      {quoted(argv)}
    </pre>
  );
}

interface Call {
  destination: string;
  path: string;
  interface: string;
  member: string;
  body?: unknown[];
}

/** A call over D-Bus, as busctl would make it. */
export function BusCall({ destination, path, interface: of, member, body = [] }: Call) {
  return (
    <pre
      title={`${destination} ${path}`}
      className="rounded bg-bg px-2 py-1.5 font-mono text-xs whitespace-pre-wrap [overflow-wrap:anywhere]"
    >
      <span className="text-muted">D-Bus </span>
      {`${of}.${member}(${body.map((each) => JSON.stringify(each)).join(", ")})`}
    </pre>
  );
}
