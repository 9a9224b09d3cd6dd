// The steps of an operation as they were run: command, exit code, time, the tool's output folded.
import type { Operation, Step } from "../../api/types";
import { OperationState } from "../../ui/Badge";
import { Bar } from "../../ui/Bar";
import { inWords } from "../../ui/Bytes";
import { Command } from "../../ui/Command";
import { Diff } from "../../ui/Diff";
import { duration } from "../../ui/time";
import { ProgressLine } from "./ProgressLine";

export function Steps({ operation }: { operation: Operation }) {
  return (
    <>
      <StepCount operation={operation} />
      <ol className="flex flex-col gap-3">
      {operation.steps.map((step, at) => (
        <li key={at} className="flex min-w-0 flex-col gap-1.5">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <span className="font-medium [overflow-wrap:anywhere]">{step.title}</span>
            <OperationState state={step.state} />
            <span className="text-xs text-muted">{facts(step)}</span>
          </div>
          {operation.progress?.step === at && step.state === "running" && (
            <ProgressLine progress={operation.progress} label={step.title} />
          )}
          {step.argv.length > 0 && <Command argv={step.argv} />}
          {step.argv.length === 0 && step.call && <Call words={step.call} />}
          <Written planned={operation.plan.steps[at]} />
          <Output step={step} />
          {step.undo && (
            <div className="flex flex-col gap-1">
              <p className="text-xs text-muted">Undone with</p>
              {step.undo.argv.length > 0 ? <Command argv={step.undo.argv} /> : <Call words={step.undo.call} />}
            </div>
          )}
        </li>
      ))}
      </ol>
    </>
  );
}

/** What was called where no tool was run. */
function Call({ words }: { words: string }) {
  return <p className="rounded bg-bg px-2 py-1.5 font-mono text-xs [overflow-wrap:anywhere]">{words}</p>;
}

function Written({ planned }: { planned: Operation["plan"]["steps"][number] | undefined }) {
  return planned?.kind === "write" ? <Diff text={planned.diff} /> : null;
}

const MANY = 5; // steps, from which on it helps to count them

/** How many steps are done, of an operation of many. */
function StepCount({ operation: { steps } }: { operation: Operation }) {
  if (steps.length < MANY) return null;
  const done = steps.filter((step) => step.state === "done" || step.state === "observed").length;
  return (
    <div className="mb-3 flex flex-col gap-1">
      <Bar percent={(100 * done) / steps.length} label="Steps done" tone="busy" />
      <p className="text-xs text-muted">
        {done} of {steps.length} steps done
      </p>
    </div>
  );
}

function facts({ exit_code: code, duration_ms: took }: Step): string {
  return [code == null ? "" : `exit code ${code}`, took == null ? "" : duration(took)].filter(Boolean).join(" · ");
}

function Output({ step }: { step: Step }) {
  const output = [step.stdout, step.stderr].filter(Boolean).join("\n");
  const ended = step.state !== "waiting" && step.state !== "running";
  if (!output) return ended && step.argv.length > 0 ? <p className="text-xs text-muted">No output.</p> : null;
  return (
    // What went wrong is read first, so it is open.
    <details open={step.state === "failed"}>
      <summary className="text-xs text-muted">Output ({inWords(step.output_bytes)})</summary>
      <pre
        tabIndex={0}
        className="mt-1 max-h-72 overflow-auto rounded bg-bg p-2 font-mono text-xs whitespace-pre-wrap [overflow-wrap:anywhere]"
      >
        {output}
      </pre>
    </details>
  );
}
