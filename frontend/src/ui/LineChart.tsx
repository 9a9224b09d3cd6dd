// A line over time, with its numbers: the axis ends are words, and every point is told on hover and to screen readers.
import { useId, useState } from "react";
import { useElementWidth } from "./useElementWidth";

export interface Point {
  /** ms since 1970 */
  at: number;
  value: number;
}

export interface Series {
  label: string;
  points: readonly Point[];
  /** A CSS colour token. */
  color: string;
}

interface Props {
  label: string;
  series: readonly Series[];
  /** How a value is written. */
  format: (value: number) => string;
  height?: number;
  /** The top of the scale; the greatest value otherwise. */
  top?: number | undefined;
  /** A level worth a line of its own. */
  limit?: { value: number; label: string } | undefined;
}

const EDGE = 4; // px

export function LineChart({ label, series, format, height = 140, top, limit }: Props) {
  const id = useId();
  const [box, width] = useElementWidth();
  const [hover, setHover] = useState<number | null>(null);
  const all = series.flatMap((each) => each.points);
  if (all.length < 2) return <p className="p-3 text-muted">Not enough has been measured yet to draw it.</p>;
  const [from, to] = [Math.min(...all.map((p) => p.at)), Math.max(...all.map((p) => p.at))];
  const most = Math.max(top ?? 0, ...all.map((p) => p.value), limit?.value ?? 0) || 1;
  const x = (at: number) => EDGE + ((at - from) / (to - from || 1)) * (width - 2 * EDGE);
  const y = (value: number) => height - EDGE - (value / most) * (height - 2 * EDGE);
  const near = hover === null ? null : nearest(all, from + ((hover - EDGE) / (width - 2 * EDGE || 1)) * (to - from));
  const line = (points: readonly Point[]) => points.map((p, i) => `${i ? "L" : "M"}${x(p.at).toFixed(1)},${y(p.value).toFixed(1)}`).join("");
  return (
    <figure className="flex min-w-0 flex-col gap-1 p-3">
      <div className="flex flex-wrap justify-between gap-x-4 text-xs text-muted">
        <span className="flex flex-wrap gap-x-3">
          {series.map((each) => (
            <span key={each.label} className="inline-flex items-center gap-1.5">
              <span aria-hidden className="h-0.5 w-4" style={{ background: each.color }} />
              {each.label}
            </span>
          ))}
          {limit && (
            <span className="inline-flex items-center gap-1.5">
              <span aria-hidden className="w-4 border-t border-dashed border-warn" />
              {limit.label} {format(limit.value)}
            </span>
          )}
        </span>
        <span>up to {format(most)}</span>
      </div>
      <div ref={box} className="relative min-w-0" style={{ height }}>
        {width > 0 && (
          <svg
            width={width}
            height={height}
            role="img"
            aria-labelledby={id}
            onPointerMove={(event) => setHover(event.nativeEvent.offsetX)}
            onPointerLeave={() => setHover(null)}
          >
            <title id={id}>{`${label}: ${series.map((each) => `${each.label} ${said(each, format)}`).join("; ")}`}</title>
            <line x1={0} x2={width} y1={height - EDGE} y2={height - EDGE} stroke="var(--line)" />
            {limit && (
              <line x1={0} x2={width} y1={y(limit.value)} y2={y(limit.value)} stroke="var(--warn)" strokeDasharray="4 4" />
            )}
            {series.map((each) => (
              <path key={each.label} d={line(each.points)} fill="none" stroke={each.color} strokeWidth={1.5} />
            ))}
            {near && <line x1={x(near.at)} x2={x(near.at)} y1={0} y2={height} stroke="var(--line-strong)" />}
          </svg>
        )}
      </div>
      <figcaption className="flex justify-between gap-4 text-xs text-muted">
        <span>{when(from)}</span>
        {near && (
          <span className="text-text">
            {when(near.at)}: {series.map((each) => `${each.label} ${valueAt(each, near.at, format)}`).join(", ")}
          </span>
        )}
        <span>{when(to)}</span>
      </figcaption>
    </figure>
  );
}

function nearest(points: readonly Point[], at: number): Point | null {
  return points.reduce<Point | null>((best, p) => (best && Math.abs(best.at - at) <= Math.abs(p.at - at) ? best : p), null);
}

function valueAt(series: Series, at: number, format: Props["format"]): string {
  const point = nearest(series.points, at);
  return point ? format(point.value) : "–";
}

function said(series: Series, format: Props["format"]): string {
  const [first, last] = [series.points[0], series.points.at(-1)];
  return first && last ? `from ${format(first.value)} to ${format(last.value)}` : "nothing";
}

function when(at: number): string {
  return new Date(at).toLocaleString("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
}
