import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter } from "react-router";
import { afterEach, expect, test, vi } from "vitest";
import { client } from "../../../api/client";
import type { Dataset } from "../../../api/types";
import { CommandDialog } from "../../../ui/action/CommandDialog";
import { createDataset } from "./create";
import { KeyCard } from "./KeyCard";
import { propertyTable } from "./queries";
import { rowsOf } from "./Quotas";

const PLAN = { title: "", resources: [], steps: [], outcome: [], destroys: null, stops: [], warnings: [], confirm: null, digest: "0" };
const answer = (data: unknown) => Promise.resolve({ data, response: new Response() }) as never;

afterEach(() => vi.restoreAllMocks());

function show(what: React.ReactNode) {
  const queries = new QueryClient();
  queries.setQueryData(propertyTable.queryKey, []);
  queries.setQueryData(["me"], { permissions: ["read", "operate", "administer"] });
  render(
    <QueryClientProvider client={queries}>
      <MemoryRouter>{what}</MemoryRouter>
    </QueryClientProvider>,
  );
  return { user: userEvent.setup(), queries };
}

test("a passphrase that is not typed twice alike is never sent", async () => {
  const sent = vi.spyOn(client, "request").mockReturnValue(answer(PLAN));
  const { user } = show(<CommandDialog action={createDataset("tank")} onClose={() => undefined} />);
  await user.type(screen.getByLabelText("Name"), "secret");
  await user.selectOptions(screen.getByLabelText("Encryption"), "a passphrase of its own");
  await user.type(screen.getByLabelText("Passphrase"), "correct horse ");
  await user.type(screen.getByLabelText("Passphrase again"), "correct house");
  await user.click(screen.getByRole("button", { name: "Show the plan" }));
  expect((await screen.findByLabelText("Passphrase again")).getAttribute("aria-invalid")).toBe("true");
  expect(sent).not.toHaveBeenCalled();
  await user.clear(screen.getByLabelText("Passphrase again"));
  await user.type(screen.getByLabelText("Passphrase again"), "correct horse ");
  await user.click(screen.getByRole("button", { name: "Show the plan" }));
  await screen.findByText("Nothing has been changed yet.", { exact: false });
  // Its blank at the end is part of it.
  expect(sent.mock.calls[0]?.[2]).toMatchObject({
    body: { name: "tank/secret", encryption: { cipher: "aes-256-gcm", passphrase: "correct horse " } },
  });
});

test("a volume's size is sent as it was written", async () => {
  const sent = vi.spyOn(client, "request").mockReturnValue(answer(PLAN));
  const { user } = show(<CommandDialog action={createDataset("")} onClose={() => undefined} />);
  expect(screen.queryByLabelText("Size")).toBeNull();
  await user.selectOptions(screen.getByLabelText("Type"), "volume (a block device)");
  await user.type(screen.getByLabelText("Full name"), "tank/vm");
  await user.type(screen.getByLabelText("Size"), "1.5 TiB");
  await user.click(screen.getByRole("button", { name: "Show the plan" }));
  await screen.findByText("Nothing has been changed yet.", { exact: false });
  expect(sent.mock.calls[0]?.[2]).toMatchObject({ body: { name: "tank/vm", type: "volume", volsize: "1.5 TiB", encryption: null } });
});

test("an exported key is shown, and gone when it is hidden; no cache has it", async () => {
  const key = "c0ffee".repeat(10);
  vi.spyOn(client, "POST").mockReturnValue(answer({ key, fingerprint: "f" }));
  const row = { id: "1", name: "tank/s", encryption: "aes-256-gcm", encryption_root: "tank/s", key_kept: true } as Dataset;
  const { user, queries } = show(<KeyCard row={row} />);
  await user.click(screen.getByRole("button", { name: "Export key…" }));
  await user.click(screen.getByRole("button", { name: "Show the key once" }));
  expect((await screen.findByLabelText<HTMLInputElement>("Key of tank/s")).value).toBe(key);
  const kept = [...queries.getQueryCache().getAll(), ...queries.getMutationCache().getAll()].map(({ state }) => state);
  expect(JSON.stringify(kept)).not.toContain(key);
  await user.click(screen.getByRole("button", { name: "I have it: hide the key" }));
  expect(document.body.innerHTML).not.toContain(key);
});

test("who has a limit but was not counted yet is listed behind those who were", () => {
  const counted = { kind: "user" as const, who: "a", used: 5, quota: 10, objects_used: 1, objects_quota: null, sampled_at: "2026" };
  const limit = (who: string) => ({ kind: "user" as const, who, space: 10, objects: null });
  expect(rowsOf([counted], [limit("a"), limit("b")]).map(({ who, sampled_at: at }) => [who, at])).toEqual([["a", "2026"], ["b", null]]);
});
