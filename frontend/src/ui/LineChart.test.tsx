import { act, render, screen } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import { LineChart } from "./LineChart";

const format = (value: number) => `${value} °C`;
const points = [30, 42, 36].map((value, at) => ({ at: at * 60_000, value }));
const chart = (given: typeof points) => (
  <LineChart
    label="Temperature"
    format={format}
    limit={{ value: 60, label: "limit" }}
    series={[{ label: "disk", color: "red", points: given }]}
  />
);

/** Tells every observer how wide its element is, as a browser does. */
function layOut(width: number) {
  const watching: (() => void)[] = [];
  vi.stubGlobal(
    "ResizeObserver",
    class {
      constructor(private readonly told: (entries: unknown[]) => void) {}
      observe = () => watching.push(() => this.told([{ contentRect: { width } }]));
      unobserve = () => undefined;
      disconnect = () => undefined;
    },
  );
  return () => act(() => watching.forEach((tell) => tell()));
}

beforeEach(() => void vi.unstubAllGlobals());

test("one point is no line, and that is said", () => {
  render(chart(points.slice(0, 1)));
  screen.getByText("Not enough has been measured yet to draw it.");
  expect(screen.queryByRole("img")).toBeNull();
});

test("it tells its first and last value, its greatest, and its limit", () => {
  const measured = layOut(300);
  render(chart(points));
  measured();
  screen.getByRole("img", { name: "Temperature: disk from 30 °C to 36 °C" });
  screen.getByText("up to 60 °C");
  screen.getByText("limit 60 °C");
});

test("points that come after the page are drawn, too", () => {
  const measured = layOut(300);
  const { rerender } = render(chart([]));
  rerender(chart(points));
  measured();
  screen.getByRole("img");
});
