// Since when the box runs, how it stopped before, and how to restart it or switch it off.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import { Link } from "react-router";
import type { Boot } from "../../../api/types";
import { ActionBar } from "../../../ui/action/ActionBar";
import { Badge } from "../../../ui/Badge";
import { Facts } from "../../../ui/Facts";
import { Card, Loading, Mono } from "../../../ui/Page";
import { ProblemNote } from "../../../ui/ProblemNote";
import { Time } from "../../../ui/Time";
import { useMay } from "../../auth/queries";
import { powerOffers } from "./actions";
import { boots, power } from "./queries";

export function PowerCard() {
  const may = useMay("administer");
  const { data, error, refetch } = useQuery(power);
  const earlier = useInfiniteQuery(boots).data?.pages.flatMap((page) => page.items).filter((boot) => boot.how !== "") ?? [];
  return (
    <Card title="Power">
      {!data && (error ? <ProblemNote error={error} retry={() => void refetch()} /> : <Loading />)}
      {data && (
        <Facts
          facts={[
            ["Box", <Mono>{data.host}</Mono>],
            ["Runs since", data.boot ? <Time value={data.boot.booted_at} /> : "not looked at yet"],
            ["Kernel", data.boot ? <Mono>{data.boot.kernel}</Mono> : "–"],
          ]}
        />
      )}
      {earlier.length > 0 && (
        <ul aria-label="Earlier boots" className="border-t border-line">
          {earlier.map((boot) => (
            <Earlier key={boot.id} boot={boot} />
          ))}
        </ul>
      )}
      {may && (
        <div className="flex flex-wrap gap-2 border-t border-line p-3">
          <ActionBar label="More for the box" offers={powerOffers} />
        </div>
      )}
    </Card>
  );
}

function Earlier({ boot }: { boot: Boot }) {
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-3 py-1.5 last:border-0">
      <span className="text-muted">
        booted <Time value={boot.booted_at} />
      </span>
      <StopState how={boot.how} />
      <span className="min-w-0 [overflow-wrap:anywhere]">{boot.because}</span>
      {boot.asked_by && <Link to={`/operations/${boot.asked_by}`}>asked for</Link>}
    </li>
  );
}

function StopState({ how }: { how: string }) {
  if (how === "clean") return <Badge tone="ok">stopped in order</Badge>;
  if (how === "unclean") return <Badge tone="warn" icon={TriangleAlert}>stopped without warning</Badge>;
  return <Badge tone="unknown">nobody saw it stop</Badge>;
}
