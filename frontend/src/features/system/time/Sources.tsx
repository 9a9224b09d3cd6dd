// Whom the clock is compared with, and how far each differs.
import type { NtpSource } from "../../../api/types";
import { Badge, type Tone } from "../../../ui/Badge";
import { duration } from "../../../ui/time";
import { offsetWords } from "./servers";

const TONES: Record<string, Tone> = { selected: "ok", combined: "ok", wrong: "bad", unsteady: "warn", unusable: "warn" };
const HEADS = ["Source", "State", "Stratum", "Offset", "May be wrong by", "Last answer", "Answers"];

/** Of the last eight questions so many were answered. */
export function answersOf(reach: number): number {
  return reach.toString(2).replaceAll("0", "").length;
}

export function Sources({ sources }: { sources: readonly NtpSource[] }) {
  if (sources.length === 0) return <p className="p-3 text-muted">None is asked now.</p>;
  return (
    <div role="region" aria-label="Sources of time" tabIndex={0} className="overflow-x-auto">
      <table className="w-full">
        <thead>
          <tr>
            {HEADS.map((head, at) => (
              <th key={head} scope="col" className={`h-9 border-b border-line px-3 text-xs font-medium whitespace-nowrap text-muted ${at > 1 ? "text-right" : "text-left"}`}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sources.map((row, at) => (
            <tr key={at} className="[&>td]:h-9 [&>td]:border-b [&>td]:border-line [&>td]:px-3 [&>td]:whitespace-nowrap">
              <td className="max-w-60 truncate font-mono text-sm" title={row.address}>
                {row.address}
              </td>
              <td>
                <Badge tone={TONES[row.state] ?? "unknown"}>{row.state}</Badge>
              </td>
              <td className="text-right">{row.stratum}</td>
              <td className="text-right">{offsetWords(row.offset)}</td>
              <td className="text-right">{offsetWords(row.error)}</td>
              <td className="text-right">{row.last == null ? "never" : `${duration(row.last * 1000)} ago`}</td>
              <td className="text-right">{answersOf(row.reach)} of 8</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
