import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter } from "react-router";
import { expect, test, vi } from "vitest";
import { Problem } from "../../api/problem";
import { newQueryClient } from "../../api/queries";
import type { Plan } from "../../api/types";
import { ActionBar, type Offer } from "./ActionBar";
import { ActionHost } from "./ActionHost";
import { type Action, saidOf } from "./CommandDialog";
import { choice, flag, list, numberOf, text } from "./values";

const PLAN: Plan = {
  digest: "d",
  steps: [],
  warnings: [],
  stops: [],
  destroys: null,
  confirm: null,
  outcome: [],
  resources: [],
} as never;
const run = () => Promise.reject(new Problem({ title: "Not now.", status: 409, code: "busy" }));

function open(offers: Offer[]) {
  render(
    <QueryClientProvider client={newQueryClient()}>
      <MemoryRouter>
        <ActionHost>
          <ActionBar label="More for tank" offers={offers} />
        </ActionHost>
      </MemoryRouter>
    </QueryClientProvider>,
  );
  return userEvent.setup();
}

const offer = (action: Partial<Action>, more: Partial<Offer> = {}): Offer => ({
  label: "Hold…",
  prominent: true,
  open: () => ({ title: "Hold it", verb: "Hold", ask: () => ({ plan: () => Promise.resolve(PLAN), run }), ...action }),
  ...more,
});

test("the usual ones are buttons, the rest stands in the menu", async () => {
  const user = open([offer({}), offer({ title: "Destroy it" }, { label: "Destroy…", prominent: false, danger: true })]);
  screen.getByRole("button", { name: "Hold…" });
  expect(screen.queryByText("Destroy…")).toBeNull();
  await user.click(screen.getByRole("button", { name: "More for tank" }));
  await user.click(await screen.findByRole("menuitem", { name: "Destroy…" }));
  await screen.findByRole("dialog", { name: "Destroy it" });
});

test("without anything for the menu there is none", () => {
  open([offer({})]);
  expect(screen.queryByRole("button", { name: "More for tank" })).toBeNull();
});

test("the command is asked for with what was filled in, and what was planned is what runs", async () => {
  const ask = vi.fn<Action["ask"]>(() => ({ plan: () => Promise.resolve(PLAN), run }));
  const user = open([
    offer({
      ask,
      initial: { tag: "keep", all: false },
      fields: [
        { kind: "text", name: "tag", label: "Tag" },
        { kind: "check", name: "all", label: "All" },
        { kind: "text", name: "below", label: "Below", when: (values) => flag(values, "all") },
      ],
    }),
  ]);
  await user.click(screen.getByRole("button", { name: "Hold…" }));
  const tag = await screen.findByLabelText("Tag");
  expect(document.activeElement).toBe(tag);
  expect(screen.queryByLabelText("Below")).toBeNull();
  await user.clear(tag);
  await user.type(tag, "legal");
  await user.click(screen.getByLabelText("All"));
  await user.type(screen.getByLabelText("Below"), "x");
  await user.click(screen.getByRole("button", { name: "Show the plan" }));
  await user.click(await screen.findByRole("button", { name: "Continue…" }));
  const asked = ask.mock.calls.length;
  expect(ask.mock.lastCall?.[0]).toEqual({ tag: "legal", all: true, below: "x" });
  await user.click(screen.getByRole("button", { name: "Hold" }));
  await screen.findByText("Not now.");
  expect(ask.mock.calls.length).toBe(asked);
});

test("a refusal stands at its field", async () => {
  const refused = new Problem({ title: "No such tag.", status: 422, code: "bad_tag", field: "tag" });
  const user = open([
    offer({
      fields: [
        { kind: "text", name: "tag", label: "Tag", hint: "Any word." },
        { kind: "choice", name: "how", label: "How", options: [{ value: "a", label: "a" }] },
      ],
      ask: () => ({ plan: () => Promise.reject(refused), run }),
    }),
  ]);
  await user.click(screen.getByRole("button", { name: "Hold…" }));
  await user.click(await screen.findByRole("button", { name: "Show the plan" }));
  await screen.findByRole("alert");
  expect(screen.getByLabelText("Tag").getAttribute("aria-invalid")).toBe("true");
  expect(screen.getByLabelText("How").getAttribute("aria-invalid")).toBeNull();
  expect(screen.queryByText("Any word.")).toBeNull();
});

test("what was left empty is told without asking the server", async () => {
  const plan = vi.fn(() => Promise.resolve(PLAN));
  const fields: Action["fields"] = [{ kind: "text", name: "tag", label: "Tag", required: "A hold needs a tag." }];
  const user = open([offer({ fields, ask: () => ({ plan, run }) })]);
  await user.click(screen.getByRole("button", { name: "Hold…" }));
  await user.click(await screen.findByRole("button", { name: "Show the plan" }));
  expect((await screen.findByRole("alert")).textContent).toContain("A hold needs a tag.");
  expect(screen.getByLabelText("Tag").getAttribute("aria-invalid")).toBe("true");
  expect(plan).not.toHaveBeenCalled();
});

test("a part's problem belongs to its field, another's does not", () => {
  const problem = new Problem({ title: "Used.", status: 422, code: "used", field: "vdevs.1.disks" });
  expect(saidOf(problem, "vdevs")).toBe("Used.");
  expect(saidOf(problem, "vdevs.1")).toBe("Used.");
  expect(saidOf(problem, "vdevs.10")).toBeUndefined();
  expect(saidOf(null, "vdevs")).toBeUndefined();
});

test("values come as the commands want them", () => {
  const values = { name: " tank ", many: ["a ", "", "b"], count: Number.NaN, on: "true", how: "odd" };
  expect(text(values, "name")).toBe("tank");
  expect(list(values, "many")).toEqual(["a", "b"]);
  expect(numberOf(values, "count")).toBeNull();
  expect(flag(values, "on")).toBe(false);
  expect(choice(values, "how", [{ value: "quick" }, { value: "zero" }])).toBe("quick");
});
