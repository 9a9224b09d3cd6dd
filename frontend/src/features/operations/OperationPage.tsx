import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import type { Operation } from "../../api/types";
import { OperationState } from "../../ui/Badge";
import { Facts } from "../../ui/Facts";
import { Card, Loading, Mono, PageHead } from "../../ui/Page";
import { Failure, ProblemNote } from "../../ui/ProblemNote";
import { duration } from "../../ui/time";
import { Time, useNow } from "../../ui/Time";
import { History } from "../events/History";
import { person } from "../events/words";
import { Cancel } from "./Cancel";
import { lasted, operation as operationQuery } from "./queries";
import { ResultLink } from "./ResultLink";
import { Steps } from "./Steps";

export function OperationPage() {
  const { id = "" } = useParams();
  const query = useQuery(operationQuery(id));
  if (!query.data) {
    return query.error ? <ProblemNote error={query.error} retry={() => void query.refetch()} /> : <Loading />;
  }
  return <Shown operation={query.data} />;
}

function Shown({ operation }: { operation: Operation }) {
  return (
    <>
      <PageHead
        up={{ to: "/operations", label: "Operations" }}
        title={operation.title}
        state={<OperationState state={operation.state} />}
        actions={<Cancel operation={operation} />}
      />
      <ResultLink operation={operation} />
      {operation.error && <Failure {...operation.error} />}
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
        <Card title="Steps">
          <div className="p-3">
            <Steps operation={operation} />
          </div>
        </Card>
        <Card title="About">
          <About operation={operation} />
        </Card>
      </div>
      <Card title="Recorded" aside={<Link to={`/events?operation=${operation.id}`}>All events</Link>}>
        <History filter={{ operation: operation.id }} limit={50} />
      </Card>
    </>
  );
}

function About({ operation }: { operation: Operation }) {
  const took = lasted(operation, useNow());
  return (
    <Facts
      facts={[
        ["Who", `${person(operation.actor)} (${operation.auth}${operation.source ? ` from ${operation.source}` : ""})`],
        ["Why", operation.reason || "no reason given"],
        ["Asked for", <Time value={operation.requested_at} />],
        ["Took", took === null ? "not begun" : duration(took)],
        ["Touches", operation.resources.map((each) => <Mono key={each}>{each} </Mono>)],
        ["Number", <Mono>{operation.id}</Mono>],
      ]}
    />
  );
}
