import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { expect, test } from "vitest";
import { newQueryClient } from "../../api/queries";
import type { Alert, Me } from "../../api/types";
import { ActionHost } from "../../ui/action/ActionHost";
import { me } from "../auth/queries";
import { AlertList } from "./AlertList";
import { bySeverity } from "./queries";

const ALERT = {
  id: "1",
  severity: "critical",
  state: "active",
  resource: "storage.pool.tank",
  title: "Pool tank is degraded",
  text: "One disk is lost.",
  advice: "Replace it.",
  raised_at: "2026-11-24T12:00:00Z",
  cleared_at: null,
  acknowledged_by: "",
  acknowledged_reason: "",
  version: 1,
} as Alert;

function show(alert: Partial<Alert>, permissions: string[] = ["read", "operate"]) {
  const queries = newQueryClient();
  queries.setQueryData(me.queryKey, { username: "sari", permissions } as unknown as Me);
  render(
    <QueryClientProvider client={queries}>
      <MemoryRouter>
        <ActionHost>
          <AlertList label="Alerts" alerts={[{ ...ALERT, ...alert }]} />
        </ActionHost>
      </MemoryRouter>
    </QueryClientProvider>,
  );
}

test("an alert says what, about what, and what to do", () => {
  show({});
  screen.getByText("critical");
  screen.getByText("Replace it.");
  expect(screen.getByRole("link", { name: "tank" }).getAttribute("href")).toBe("/storage/pools/tank");
  screen.getByRole("button", { name: "Acknowledge: Pool tank is degraded" });
});

test("who may only read acknowledges nothing", () => {
  show({}, ["read"]);
  expect(screen.queryByRole("button")).toBeNull();
});

test("an acknowledged one tells by whom and why", () => {
  show({ state: "acknowledged", acknowledged_by: "user:sari", acknowledged_reason: "disk ordered" });
  screen.getByText("acknowledged by sari: “disk ordered”");
  expect(screen.queryByRole("button")).toBeNull();
});

test("a cleared one gives no advice any more, and what has no page no link", () => {
  show({ state: "cleared", resource: "system.clock.drift", cleared_at: "2026-11-24T13:00:00Z" });
  expect(screen.queryByText("Replace it.")).toBeNull();
  expect(screen.queryByRole("link")).toBeNull();
  screen.getByText("drift");
});

test("the worst stands first", () => {
  const of = (severity: Alert["severity"]) => ({ ...ALERT, severity });
  const sorted = [of("info"), of("critical"), of("warning")].sort(bySeverity);
  expect(sorted.map(({ severity }) => severity)).toEqual(["critical", "warning", "info"]);
});
