import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Plan } from "../../api/types";
import { PlanView } from "./PlanView";

const PLAN: Plan = {
  digest: "d",
  title: "Name the NTP servers",
  steps: [
    { kind: "write", title: "Name them", path: "/etc/chrony.conf", edit: "e", args: {}, diff: "--- a\n+++ b\n-pool x\n+server y", before: "", after: "1", check: ["chronyd", "-p"], mode: 420, records: [] },
    { kind: "ask", title: "Restart", destination: "org.freedesktop.systemd1", path: "/p", interface: "i.Manager", member: "RestartUnit", signature: "ss", body: ["chrony.service", "replace"], deadline: 1, done: { name: "p", args: {} }, records: [] },
    { kind: "call", title: "See that it runs", function: "f", args: { files: ["a.json", "b.log"] } },
  ],
  warnings: [],
  stops: [],
  destroys: null,
  confirm: null,
  cuts: false,
  outcome: [],
  resources: [],
};

test("a plan shows the lines of the file that change, the call over D-Bus, and what Calypso does itself", () => {
  render(<PlanView plan={PLAN} />);
  const diff = screen.getByLabelText("What changes in the file");
  expect([...diff.children].map((line) => line.textContent)).toEqual(["--- a", "+++ b", "-pool x", "+server y"]);
  screen.getByText("chronyd -p");
  screen.getByText('i.Manager.RestartUnit("chrony.service", "replace")', { exact: false });
  screen.getByText(/See that it runs/);
  screen.getByText("a.json, b.log");
});
