// How full the pool was, and when it will be full.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { CapacityHistory } from "../../../api/types";
import { inWords } from "../../../ui/Bytes";
import { SelectField } from "../../../ui/Field";
import { LineChart } from "../../../ui/LineChart";
import { Card, Loading } from "../../../ui/Page";
import { ProblemNote } from "../../../ui/ProblemNote";
import { Time } from "../../../ui/Time";
import { poolCapacity } from "./queries";

const SPANS = [
  { value: "2", label: "2 days" },
  { value: "30", label: "30 days" },
  { value: "365", label: "a year" },
] as const;

export function CapacityChart({ pool }: { pool: string }) {
  const [days, setDays] = useState<(typeof SPANS)[number]["value"]>("30");
  const { data, error } = useQuery(poolCapacity(pool, Number(days)));
  return (
    <Card title="Capacity">
      <div className="flex flex-wrap items-end justify-between gap-3 px-3 pt-3">
        <p>{data && <Forecast {...data} />}</p>
        <div className="w-32">
          <SelectField label="Over" value={days} options={SPANS} onChange={setDays} />
        </div>
      </div>
      {data && (
        <LineChart
          label="Used over time"
          format={inWords}
          top={data.size}
          limit={{ value: data.size, label: "size" }}
          series={[
            {
              label: "used",
              color: "var(--accent)",
              points: data.points.map((point) => ({ at: Date.parse(point.at), value: point.allocated })),
            },
          ]}
        />
      )}
      {!data && (error ? <ProblemNote error={error} /> : <Loading />)}
    </Card>
  );
}

/** When it will be full, in a sentence. */
export function Forecast({ forecast }: CapacityHistory) {
  const rate = `${inWords(Math.abs(forecast.bytes_per_day))} a day`;
  if (forecast.verdict === "growing" && forecast.full_at) {
    return (
      <span title={forecast.basis}>
        Grows by {rate}; full <strong className="font-medium"><Time value={forecast.full_at} /></strong> if it goes on so.
      </span>
    );
  }
  const words = forecast.verdict === "not in sight" ? "It will not be full in the time that can be foreseen." : "Too little is known yet to foresee when it will be full.";
  return <span title={forecast.basis}>{words}</span>;
}
