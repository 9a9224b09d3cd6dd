// NTP servers as lines of a form, and back.
import type { NtpServer } from "../../../api/types";

/** `pool 2.debian.pool.ntp.org`, `192.0.2.1 prefer` */
export function lineOf({ address, kind, prefer }: NtpServer): string {
  return [kind === "pool" ? "pool" : "", address, prefer ? "prefer" : ""].filter(Boolean).join(" ");
}

/** What stands in no line stays as it was; what is new is asked in a burst at first, as is usual. */
export function serversOf(lines: readonly string[], known: readonly NtpServer[]): NtpServer[] {
  return lines.map((line) => {
    const words = line.split(/\s+/).filter(Boolean);
    const kind = words[0] === "pool" ? "pool" : "server";
    const rest = words[0] === "pool" || words[0] === "server" ? words.slice(1) : words;
    const prefer = rest.length > 1 && rest.at(-1) === "prefer";
    // More words than are meant stay in the address: the server says what is wrong with it.
    const address = (prefer ? rest.slice(0, -1) : rest).join(" ");
    const before = known.find((each) => each.address === address && each.kind === kind);
    return { address, kind, prefer, iburst: before?.iburst ?? true };
  });
}

/** `−6.2 µs`, `0.4 ms`, `1.3 s` */
export function offsetWords(seconds: number): string {
  const size = Math.abs(seconds);
  const sign = seconds < 0 ? "−" : "";
  if (size < 0.001) return `${sign}${(size * 1e6).toFixed(1)} µs`;
  return size < 1 ? `${sign}${(size * 1e3).toFixed(1)} ms` : `${sign}${size.toFixed(1)} s`;
}
