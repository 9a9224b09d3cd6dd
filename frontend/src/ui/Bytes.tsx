// A size in binary units; the exact number of bytes on hover.
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

export function inUnits(bytes: number): [string, string] {
  const power = bytes < 1024 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1);
  const value = bytes / 1024 ** power;
  // Three figures are enough to compare by eye; whole bytes stay whole.
  const text = power === 0 ? String(bytes) : value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
  return [text, UNITS[power] ?? ""];
}

/** For sentences, where no element fits. */
export function inWords(bytes: number): string {
  return inUnits(bytes).join(" ");
}

export function exactly(bytes: number): string {
  return `${bytes.toLocaleString("en")} bytes`;
}

export function Bytes({ value }: { value: number }) {
  const [number, unit] = inUnits(value);
  return (
    <span title={exactly(value)} className="whitespace-nowrap">
      {number} <span className="text-xs text-muted">{unit}</span>
    </span>
  );
}
