// Support bundles: what is on the box, what each holds, and the way to take it away.
import { useInfiniteQuery } from "@tanstack/react-query";
import { Download, Plus } from "lucide-react";
import type { Bundle } from "../../../api/types";
import { ActionBar } from "../../../ui/action/ActionBar";
import { useAct } from "../../../ui/action/ActionHost";
import { Button, buttonClass } from "../../../ui/Button";
import { Bytes } from "../../../ui/Bytes";
import { MoreButton } from "../../../ui/MoreButton";
import { Card, Empty, Loading } from "../../../ui/Page";
import { ProblemNote } from "../../../ui/ProblemNote";
import { Time } from "../../../ui/Time";
import { person } from "../../events/words";
import { deleteBundle, makeBundle } from "./actions";
import { bundles } from "./queries";

export function BundlesCard() {
  const act = useAct();
  const query = useInfiniteQuery(bundles);
  const rows = query.data?.pages.flatMap((page) => page.items);
  const make = (
    <Button onClick={() => act(makeBundle)}>
      <Plus aria-hidden size={14} /> Make a bundle…
    </Button>
  );
  return (
    <Card title="Support bundles">
      {!rows && (query.error ? <ProblemNote error={query.error} retry={() => void query.refetch()} /> : <Loading />)}
      {rows?.length === 0 && (
        <Empty title="There is no bundle yet">
          <p>A bundle holds what helps to find a fault, in one archive, secrets masked.</p>
          {make}
        </Empty>
      )}
      {rows && rows.length > 0 && (
        <>
          <ul aria-label="Support bundles">
            {rows.map((row) => (
              <Line key={row.id} row={row} />
            ))}
          </ul>
          <MoreButton query={query} />
          <div className="p-3">{make}</div>
        </>
      )}
    </Card>
  );
}

function Line({ row }: { row: Bundle }) {
  return (
    <li className="flex flex-wrap items-start gap-x-3 gap-y-1 border-b border-line px-3 py-2">
      <div className="min-w-0 flex-1 basis-48">
        <p>
          <Time value={row.made_at} /> by {person(row.made_by)}, <Bytes value={row.bytes} />
          {row.reason && <span className="text-muted"> “{row.reason}”</span>}
        </p>
        <details>
          <summary className="text-xs text-muted">{row.files.length} files</summary>
          <ul className="font-mono text-xs">
            {row.files.map((file) => (
              <li key={file.path} className="[overflow-wrap:anywhere]">
                {file.path} <Bytes value={file.bytes} />
              </li>
            ))}
          </ul>
        </details>
      </div>
      <a className={buttonClass()} href={`/api/v1/system/support-bundles/${row.id}/download`} download>
        <Download aria-hidden size={14} /> Download
      </a>
      <ActionBar quiet label={`More for the bundle of ${row.made_at}`} offers={[deleteBundle(row)]} />
    </li>
  );
}
