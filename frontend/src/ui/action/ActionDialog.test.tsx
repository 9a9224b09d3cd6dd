import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter } from "react-router";
import { expect, test, vi } from "vitest";
import { Problem } from "../../api/problem";
import type { Operation, Plan } from "../../api/types";
import { ActionDialog, type ActionProps } from "./ActionDialog";

const plan: Plan = {
  title: "Destroy pool tank",
  resources: ["storage.pool.tank"],
  steps: [
    {
      kind: "run",
      title: "Destroy pool tank",
      argv: ["zpool", "destroy", "--", "tank"],
      deadline: 900,
      done: { name: "storage.pool_absent", args: { name: "tank" } },
      undo: [],
      records: [],
      stdin: "",
      leaves_traces: false,
    },
  ],
  outcome: [{ stream: "1", type: "storage.PoolDestroyed.v1", data: {} }],
  destroys: { bytes: 2048, what: "datasets", names: ["tank", "tank/a"] },
  stops: [],
  warnings: ["Calypso can't undo this."],
  confirm: "tank",
  cuts: false,
  digest: "0123456789abcdef",
};
const nothing: Problem = new Problem({ title: "Calypso can't be reached.", status: 0, code: "unreachable" });

function open(props: Partial<ActionProps> = {}) {
  const run = vi.fn<ActionProps["run"]>(() => Promise.resolve({ id: "1" } as Operation));
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MemoryRouter>
        <ActionDialog
          title="Destroy pool tank"
          verb="Destroy"
          plan={() => Promise.resolve(plan)}
          run={run}
          onClose={() => undefined}
          {...props}
        />
      </MemoryRouter>
    </QueryClientProvider>,
  );
  return { run, user: userEvent.setup() };
}

test("the plan is shown first: what is destroyed, the exact command, what is recorded", async () => {
  open();
  await screen.findByText("2.00 KiB");
  screen.getByText(/in 2 datasets/);
  screen.getByText(/zpool destroy -- tank/);
  screen.getByText("storage.PoolDestroyed.v1");
  expect(screen.queryByRole("button", { name: "Destroy" })).toBeNull();
});

test("nothing is destroyed without its name typed", async () => {
  const { run, user } = open();
  await screen.findByText(/zpool destroy/);
  await user.click(screen.getByRole("button", { name: "Continue…" }));
  const destroy = screen.getByRole<HTMLButtonElement>("button", { name: "Destroy" });
  await user.type(screen.getByLabelText("Type tank to confirm"), "tan");
  expect(destroy.disabled).toBe(true);
  await user.type(screen.getByLabelText("Type tank to confirm"), "k");
  await user.type(screen.getByLabelText("Reason"), "old");
  await user.click(destroy);
  expect(run).toHaveBeenCalledOnce();
  expect(run.mock.calls[0]?.[0]).toMatchObject({ reason: "old", confirm: "tank" });
});

test("pressing again after a lost answer repeats the same wish; another reason makes it another", async () => {
  const run = vi.fn<ActionProps["run"]>(() => Promise.reject(nothing));
  const { user } = open({ run, plan: () => Promise.resolve({ ...plan, confirm: null }) });
  await screen.findByText(/zpool destroy/);
  await user.click(screen.getByRole("button", { name: "Continue…" }));
  await user.click(screen.getByRole("button", { name: "Destroy" }));
  await screen.findByText("Calypso can't be reached.");
  await user.click(screen.getByRole("button", { name: "Destroy" }));
  await user.type(screen.getByLabelText("Reason"), "x");
  await user.click(screen.getByRole("button", { name: "Destroy" }));
  const keys = run.mock.calls.map(([given]) => given.key);
  expect(keys[0]).toBe(keys[1]);
  expect(keys[2]).not.toBe(keys[1]);
});

test("what has changed meanwhile is planned and confirmed anew", async () => {
  const stale = new Problem({ title: "It was changed meanwhile.", status: 412, code: "stale_version" });
  const { user } = open({ run: () => Promise.reject(stale) });
  await screen.findByText(/zpool destroy/);
  await user.click(screen.getByRole("button", { name: "Continue…" }));
  await user.type(screen.getByLabelText("Type tank to confirm"), "tank");
  await user.click(screen.getByRole("button", { name: "Destroy" }));
  await user.click(await screen.findByRole("button", { name: "Show the new plan" }));
  await screen.findByText(/in 2 datasets/);
  await user.click(screen.getByRole("button", { name: "Continue…" }));
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Destroy" }).disabled).toBe(true);
});

test("a refused plan leaves the form open and tells why", async () => {
  const refused = new Problem({ title: "No such disk.", status: 422, code: "unknown_disk", field: "vdevs.0.disks" });
  const { user } = open({
    plan: () => Promise.reject(refused),
    form: (problem) => <p>field: {problem?.field ?? "none"}</p>,
  });
  await user.click(screen.getByRole("button", { name: "Show the plan" }));
  await screen.findByText("No such disk.");
  screen.getByText("field: vdevs.0.disks");
});
