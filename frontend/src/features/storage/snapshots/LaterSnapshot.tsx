// What a snapshot is compared with: its dataset as it is now, or a later snapshot of it.
import { useInfiniteQuery } from "@tanstack/react-query";
import type { Snapshot } from "../../../api/types";
import type { CustomProps } from "../../../ui/action/fields";
import { SelectField } from "../../../ui/Field";
import { snapshotList } from "./queries";

export function LaterSnapshot({ row, value, onChange, errorOf }: CustomProps & { row: Snapshot }) {
  const query = useInfiniteQuery(snapshotList({ dataset: row.dataset, order: "-created_at" }));
  const later = (query.data?.pages[0]?.items ?? []).filter((each) => each.created_at > row.created_at);
  return (
    <SelectField
      label="With"
      value={typeof value === "string" ? value : ""}
      options={[
        { value: "", label: `${row.dataset} as it is now` },
        ...later.map(({ full_name, name }) => ({ value: full_name, label: `@${name}` })),
      ]}
      error={errorOf("to")}
      onChange={onChange}
    />
  );
}
