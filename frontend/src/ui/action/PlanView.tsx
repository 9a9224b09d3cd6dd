// A dry run: what would be destroyed, the exact commands, what would be recorded.
import { Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import type { Plan } from "../../api/types";
import { exactly, inWords } from "../Bytes";
import { BusCall, Command, quoted } from "../Command";
import { Diff } from "../Diff";
import { Mono } from "../Page";

const SHOWN = 20; // names; the rest is counted

export function PlanView({ plan }: { plan: Plan }) {
  return (
    <div className="flex flex-col gap-4">
      {plan.destroys && <Destroys destroys={plan.destroys} />}
      {plan.stops.length > 0 && <Stops stops={plan.stops} />}
      {plan.warnings.length > 0 && (
        <ul className="flex flex-col gap-1">
          {plan.warnings.map((warning) => (
            <Warning key={warning}>{warning}</Warning>
          ))}
        </ul>
      )}
      <Part title="Commands">
        {plan.steps.length === 0 && <p>None: the box stays as it is, only the record changes.</p>}
        {plan.steps.map((step, at) => (
          <PlannedStep key={at} step={step} />
        ))}
      </Part>
      <Part title="Records">
        <p>
          {plan.outcome.length === 0
            ? "Who asked for it and what came of it; anything else only if it has changed."
            : "Who asked for it, why, each command with its output, and on success:"}
        </p>
        <ul>
          {plan.outcome.map((event, at) => (
            <li key={at}>
              <Mono>{event.type}</Mono>
            </li>
          ))}
        </ul>
      </Part>
      <p className="text-xs text-muted">
        Nothing has been changed yet. Plan{" "}
        <span className="font-mono" title={plan.digest}>
          {plan.digest.slice(0, 12)}
        </span>
      </p>
    </div>
  );
}

function PlannedStep({ step }: { step: Plan["steps"][number] }) {
  switch (step.kind) {
    case "run":
      return <Command argv={step.argv} />;
    case "ask":
      return <BusCall {...step} />;
    case "write":
      return (
        <div className="flex flex-col gap-1.5">
          <Diff text={step.diff} />
          {step.check.length > 0 && (
            <p className="text-xs text-muted">
              Before it is put in place, it is checked by <span className="font-mono">{quoted(step.check)}</span>
            </p>
          )}
        </div>
      );
    default:
      return (
        <div>
          <p className="[overflow-wrap:anywhere]">
            {step.title} <span className="text-muted">(by Calypso itself)</span>
          </p>
          <Files names={step.args.files} />
        </div>
      );
  }
}

/** The files that a step makes, where it tells. */
function Files({ names }: { names: unknown }) {
  if (!Array.isArray(names) || names.length === 0) return null;
  return <p className="font-mono text-xs text-muted [overflow-wrap:anywhere]">{names.map(String).join(", ")}</p>;
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-1.5">
      <h3 className="text-xs font-medium text-muted">{title}</h3>
      {children}
    </section>
  );
}

function Warning({ children }: { children: string }) {
  // The redundancy of a sound pool is good news.
  const good = children.includes("survives");
  const Icon = good ? Info : TriangleAlert;
  return (
    <li className="flex gap-2">
      <Icon aria-hidden size={16} className={`mt-0.5 shrink-0 ${good ? "text-busy" : "text-warn"}`} />
      <span className="[overflow-wrap:anywhere]">{children}</span>
    </li>
  );
}

/** What uses the thing now, and would lose it. */
function Stops({ stops }: { stops: Plan["stops"] }) {
  const rest = stops.length - SHOWN;
  return (
    <section className="flex flex-col gap-1 rounded border border-warn/40 bg-warn-soft p-3">
      <h3 className="font-medium text-warn">
        In use by {stops.length} {stops.length === 1 ? "other" : "others"}
      </h3>
      <ul>
        {stops.slice(0, SHOWN).map((stop) => (
          <li key={`${stop.kind} ${stop.name}`} className="[overflow-wrap:anywhere]">
            {stop.kind} <Mono>{stop.name}</Mono> {stop.detail && <span className="text-muted">{stop.detail}</span>}
          </li>
        ))}
        {rest > 0 && <li className="text-muted">and {rest} more</li>}
      </ul>
    </section>
  );
}

function Destroys({ destroys }: { destroys: NonNullable<Plan["destroys"]> }) {
  const { bytes, names, what } = destroys;
  const rest = names.length - SHOWN;
  return (
    <section className="flex flex-col gap-1 rounded border border-bad/40 bg-bad-soft p-3">
      <h3 className="font-medium text-bad">
        Destroys{" "}
        {bytes === null ? "what is on" : <><span title={exactly(bytes)}>{inWords(bytes)}</span> in</>} {names.length}{" "}
        {names.length === 1 ? what.slice(0, -1) : what}
      </h3>
      <p className="font-mono text-sm [overflow-wrap:anywhere]">
        {names.slice(0, SHOWN).join(", ")}
        {rest > 0 && ` and ${rest} more`}
      </p>
    </section>
  );
}
