import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { MemoryRouter } from "react-router";
import { expect, test } from "vitest";
import { type Column, Table } from "./Table";

const COLUMNS: Column<{ id: string; size: number }>[] = [
  { key: "id", head: "Name", cell: (row) => row.id, sort: (row) => row.id },
  { key: "size", head: "Size", cell: (row) => row.size, sort: (row) => row.size, right: true },
];
const ROWS = [
  { id: "lab10", size: 9 },
  { id: "lab2", size: 100 },
];

function Chosen({ rows }: { rows: typeof ROWS }) {
  const [chosen, onChange] = useState<ReadonlySet<string>>(new Set());
  return (
    <>
      <Table
        label="Things"
        columns={COLUMNS}
        rows={rows}
        id={(row) => row.id}
        empty="nothing"
        choice={{ chosen, onChange, label: (row) => row.id }}
      />
      <p role="status">{[...chosen].join(" ")}</p>
    </>
  );
}

const shown = () => screen.getAllByRole("row").slice(1).map((row) => within(row).getAllByRole("cell")[1]?.textContent);
const open = (rows = ROWS) => {
  render(<Chosen rows={rows} />, { wrapper: MemoryRouter });
  return userEvent.setup();
};

test("rows are chosen one by one, all at once, and let go", async () => {
  const user = open();
  const status = screen.getByRole("status");
  await user.click(screen.getByRole("checkbox", { name: "Choose lab2" }));
  expect(status.textContent).toBe("lab2");
  await user.click(screen.getByRole("checkbox", { name: "Choose all that are shown" }));
  expect(status.textContent).toBe("lab10 lab2");
  await user.click(screen.getByRole("checkbox", { name: "Choose lab10" }));
  expect(status.textContent).toBe("lab2");
  await user.click(screen.getByRole("checkbox", { name: "Choose all that are shown" }));
  await user.click(screen.getByRole("checkbox", { name: "Choose all that are shown" }));
  expect(status.textContent).toBe("");
});

test("names sort as people count, numbers as numbers, and back", async () => {
  const user = open();
  await user.click(screen.getByRole("button", { name: "Name" }));
  expect(shown()).toEqual(["lab2", "lab10"]);
  await user.click(screen.getByRole("button", { name: "Size" }));
  expect(shown()).toEqual(["lab10", "lab2"]);
  await user.click(screen.getByRole("button", { name: "Size" }));
  expect(shown()).toEqual(["lab2", "lab10"]);
});

test("an empty one says so, with nothing chosen", () => {
  open([]);
  screen.getByText("nothing");
  expect(screen.getByRole<HTMLInputElement>("checkbox").checked).toBe(false);
});
