// What a disk tells of itself: its verdict, what wears, its self-tests, and all of it on request.
import type { SelfTest, Smart } from "../../../api/types";
import { Badge } from "../../../ui/Badge";
import { Bar } from "../../../ui/Bar";
import { Facts } from "../../../ui/Facts";
import { Card, Loading } from "../../../ui/Page";
import { Time } from "../../../ui/Time";

export function SmartCard({ told }: { told: Smart | null | undefined }) {
  return (
    <Card
      title="SMART"
      aside={told?.sampled_at && <span className="text-xs text-muted">looked at <Time value={told.sampled_at} /></span>}
    >
      {told === undefined ? <Loading /> : told === null ? <Unknown /> : <Told told={told} />}
    </Card>
  );
}

function Unknown() {
  return <p className="p-3 text-muted">Nobody has looked at it yet; that happens within half an hour of its arrival.</p>;
}

function Verdict({ told }: { told: Smart }) {
  if (told.state === "unsupported") return <Badge tone="unknown">has no SMART data</Badge>;
  if (told.state === "failed") return <Badge tone="warn">could not be looked at</Badge>;
  const verdict =
    told.passed === null ? <Badge tone="unknown">no verdict</Badge> : told.passed ? <Badge tone="ok">passed</Badge> : <Badge tone="bad">failing</Badge>;
  return (
    <>
      {verdict}
      {told.state === "asleep" && <Badge tone="unknown">asleep; the figures are from before</Badge>}
    </>
  );
}

function count(value: number | null, unit = ""): string {
  return value === null ? "–" : `${value.toLocaleString("en")}${unit}`;
}

function Told({ told }: { told: Smart }) {
  return (
    <>
      <div className="flex flex-wrap items-center gap-2 p-3 pb-0">
        <Verdict told={told} />
        {told.message && <span className="text-muted">{told.message}</span>}
      </div>
      {told.self_test && (
        <div className="flex flex-col gap-1 p-3 pb-0">
          <Bar percent={told.self_test_percent ?? 0} label="Self-test" tone="busy" />
          <p className="text-xs text-muted">
            {told.self_test} self-test, {count(told.self_test_percent, " %")} done
          </p>
        </div>
      )}
      <Facts
        facts={[
          ["Temperature", count(told.temperature, " °C")],
          ["Powered on", count(told.power_on_hours, " hours")],
          ["Reallocated", count(told.reallocated)],
          ["Pending", count(told.pending)],
          ["Uncorrectable", count(told.uncorrectable)],
          ["Media errors", count(told.media_errors)],
          ["Worn", count(told.wear, " %")],
        ]}
      />
      <SelfTests tests={told.self_tests} />
      <details className="border-t border-line p-3">
        <summary className="text-xs text-muted">All that smartctl said</summary>
        <pre tabIndex={0} className="mt-1 max-h-96 overflow-auto rounded bg-bg p-2 font-mono text-xs">
          {JSON.stringify(told.document, null, 1)}
        </pre>
      </details>
    </>
  );
}

function SelfTests({ tests }: { tests: SelfTest[] }) {
  if (tests.length === 0) return <p className="px-3 pb-3 text-muted">No self-test is in its log.</p>;
  return (
    <ul aria-label="Self-tests" className="border-t border-line">
      {tests.slice(0, 10).map((test, at) => (
        <li key={at} className="flex flex-wrap items-center gap-2 px-3 py-1.5">
          <Badge tone={test.passed === null ? "unknown" : test.passed ? "ok" : "bad"}>{test.status}</Badge>
          <span>{test.kind}</span>
          {test.hours !== null && <span className="text-muted">at {count(test.hours, " hours")}</span>}
        </li>
      ))}
    </ul>
  );
}
