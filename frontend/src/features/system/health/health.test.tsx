import { render, screen } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { expect, test } from "vitest";
import type { Check } from "../../../api/types";
import { inWords } from "./Evidence";
import { CheckLine } from "./HealthPage";
import { isWell, worstFirst } from "./words";

const check = (values: Partial<Check>): Check => ({
  name: "zfs",
  state: "ok",
  message: "All pools are well.",
  since: "2026-11-24T12:00:00Z",
  evidence: {},
  advice: "",
  ...values,
});

test("the worst stands first, what is not installed last", () => {
  const found = [check({ name: "vtl", state: "not_installed" }), check({ name: "zfs" }), check({ name: "time", state: "degraded" }), check({ name: "worker", state: "stopped" })];
  expect(worstFirst(found).map(({ name }) => name)).toEqual(["worker", "time", "zfs", "vtl"]);
  expect(found.filter((each) => !isWell(each)).map(({ name }) => name)).toEqual(["time", "worker"]);
});

test("a check says how it is, why, what to do, and what that rests on", () => {
  const evidence = { running: false, file_systems: [{ path: "/srv", free: 1024 }], units: ["a.service", "b.service"], last_event_at: null };
  render(
    <MemoryRouter>
      <CheckLine check={check({ name: "disk", state: "degraded", message: "Room is short.", advice: "Make room.", evidence })} />
    </MemoryRouter>,
  );
  screen.getByText("degraded");
  screen.getByText("Room is short.");
  screen.getByText("What to do: Make room.");
  expect(screen.getByText("Running").nextSibling?.textContent).toBe("no");
  expect(screen.getByText("Units").nextSibling?.textContent).toBe("a.service, b.service");
  expect(screen.getByText("Free").nextSibling?.textContent).toBe("1.00 KiB");
  expect(screen.getByText("Last event at").nextSibling?.textContent).toBe("–");
  expect(inWords("most_connections")).toBe("Most connections");
});
