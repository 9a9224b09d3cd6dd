// The lines of a file that change, as diff -u has them: its signs stay, so that no meaning hangs on a colour.
export function Diff({ text }: { text: string }) {
  if (!text) return <p className="text-muted">The file stays as it is.</p>;
  return (
    <pre
      tabIndex={0}
      aria-label="What changes in the file"
      className="max-h-72 overflow-auto rounded bg-bg px-2 py-1.5 font-mono text-xs whitespace-pre-wrap [overflow-wrap:anywhere]"
    >
      {text.split("\n").map((line, at) => (
        <span key={at} className={`block ${look(line)}`}>
          {line || " "}
        </span>
      ))}
    </pre>
  );
}

function look(line: string): string {
  if (line.startsWith("+++") || line.startsWith("---") || line.startsWith("@@")) return "text-muted";
  if (line.startsWith("+")) return "text-ok";
  return line.startsWith("-") ? "text-bad" : "";
}
