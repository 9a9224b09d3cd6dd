// The one way in which anything is changed: 1 what → 2 plan → 3 reason, typed name if it destroys → 4 live steps.
import { useMutation } from "@tanstack/react-query";
import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import { type ReactNode, useEffect, useState } from "react";
import { newKey } from "../../api/client";
import { type Problem, toProblem } from "../../api/problem";
import type { Operation, Plan } from "../../api/types";
import { Button, IconButton } from "../Button";
import { Loading } from "../Page";
import { ProblemNote } from "../ProblemNote";
import { Confirm } from "./Confirm";
import { PlanView } from "./PlanView";
import { RunView } from "./RunView";

type Stage = "what" | "plan" | "confirm" | "run";

const WORDS: Record<Stage, string> = { what: "What", plan: "Plan", confirm: "Confirm", run: "Run" };

export interface ActionProps {
  title: string;
  /** What the last button says: `Destroy`. */
  verb: string;
  /** The first stage, where there is something to fill in; it gets the problem of the last plan. */
  form?: (problem: Problem | null) => ReactNode;
  /** Given where it was asked for before the plan. */
  reason?: string;
  plan: () => Promise<Plan>;
  run: (given: { key: string; reason: string; confirm: string }) => Promise<Operation>;
  onClose: (succeeded: boolean) => void;
}

export function ActionDialog({ title, verb, form, reason: given, plan: makePlan, run, onClose }: ActionProps) {
  const [stage, setStage] = useState<Stage>(form ? "what" : "plan");
  const [plan, setPlan] = useState<Plan | null>(null);
  const [said, setReason] = useState("");
  const reason = given ?? said;
  const [typed, setTyped] = useState("");
  const [state, setState] = useState("");
  const succeeded = state === "succeeded";
  // One key for one wish: pressing again after a lost answer repeats it, a changed wish gets a new one.
  const [key, setKey] = useState(newKey);
  const stages: Stage[] = form ? ["what", "plan", "confirm", "run"] : ["plan", "confirm", "run"];

  const planning = useMutation({
    mutationFn: makePlan,
    onSuccess: (made) => {
      setPlan(made);
      setKey(newKey());
      setStage("plan");
    },
  });
  const starting = useMutation({
    mutationFn: () => run({ key, reason, confirm: typed }),
    onSuccess: () => setStage("run"),
  });
  const busy = planning.isPending || starting.isPending;
  const failure = starting.error ?? planning.error;
  const problem = failure && toProblem(failure);
  const stale = problem?.code === "stale_version" || problem?.code === "stale_plan";
  const planAgain = () => {
    starting.reset();
    // What is destroyed may be more now: its name is typed anew.
    setTyped("");
    planning.mutate();
  };
  const changeReason = (text: string) => {
    setReason(text);
    setKey(newKey());
  };
  useEffect(() => {
    if (!form) planning.mutate();
    // The plan is made once, when the dialog opens.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  const back = () => {
    starting.reset();
    setStage(stage === "confirm" ? "plan" : "what");
  };
  /** After a failure: what was filled in is there to be changed, and all of it is planned and confirmed anew. */
  const again = () => {
    setState("");
    setTyped("");
    setPlan(null);
    starting.reset();
    planning.reset();
    setStage(form ? "what" : "plan");
    if (!form) planning.mutate();
  };
  const ready = plan?.confirm == null || typed === plan.confirm;
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose(succeeded)}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-30 bg-overlay" />
        <Dialog.Content
          aria-describedby={undefined}
          // A stray click must not throw away what was filled in.
          onOpenAutoFocus={focusFirstField}
          onInteractOutside={(event) => event.preventDefault()}
          className="rise fixed inset-x-0 top-0 z-40 mx-auto flex max-h-dvh w-full max-w-3xl flex-col bg-surface outline-none sm:top-[6vh] sm:max-h-[88vh] sm:rounded sm:border sm:border-line-strong"
        >
          <div className="flex items-start justify-between gap-2 px-4 pt-3">
            <Dialog.Title className="min-w-0 py-1 text-base font-semibold [overflow-wrap:anywhere]">{title}</Dialog.Title>
            <Dialog.Close asChild>
              <IconButton label="Close">
                <X aria-hidden size={18} />
              </IconButton>
            </Dialog.Close>
          </div>
          <Stages stages={stages} now={stage} />
          <div className="flex min-h-0 flex-col gap-4 overflow-y-auto p-4">
            {stage === "what" && form?.(problem)}
            {stage === "plan" && plan && <PlanView plan={plan} />}
            {stage === "plan" && !plan && busy && <Loading />}
            {stage === "confirm" && plan && (
              <Confirm
                plan={plan}
                reason={reason}
                typed={typed}
                {...(given === undefined ? { onReason: changeReason } : {})}
                onTyped={setTyped}
              />
            )}
            {stage === "run" && starting.data && (
              <RunView
                id={starting.data.id}
                onEnded={setState}
                onLeave={() => onClose(succeeded)}
              />
            )}
            {problem && (
              <div ref={intoView}>
                <ProblemNote error={problem} />
              </div>
            )}
          </div>
          <footer className="flex flex-wrap justify-end gap-2 border-t border-line px-4 py-3">
            {(stage === "confirm" || (stage === "plan" && form)) && (
              <Button onClick={back} disabled={busy}>
                Back
              </Button>
            )}
            {stage === "what" && (
              <Button look="primary" onClick={() => planning.mutate()} disabled={busy}>
                {busy ? "Planning…" : "Show the plan"}
              </Button>
            )}
            {stage === "plan" && (
              <Button look="primary" onClick={() => setStage("confirm")} disabled={!plan || busy}>
                Continue…
              </Button>
            )}
            {stage === "confirm" && stale && (
              <Button look="primary" onClick={planAgain} disabled={busy}>
                Show the new plan
              </Button>
            )}
            {stage === "confirm" && !stale && (
              <Button
                look={plan?.destroys ? "danger" : "primary"}
                onClick={() => starting.mutate()}
                disabled={!ready || busy}
              >
                {busy ? "Asking…" : verb}
              </Button>
            )}
            {stage === "run" && state !== "" && !succeeded && <Button onClick={again}>Try again…</Button>}
            {stage === "run" && <Button onClick={() => onClose(succeeded)}>Close</Button>}
          </footer>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** What went wrong is read, however long the form is. */
function intoView(note: HTMLElement | null) {
  note?.scrollIntoView({ block: "nearest" });
}

/** Into the form, not onto the button that closes it. */
function focusFirstField(event: Event) {
  const field = event.currentTarget instanceof Element && event.currentTarget.querySelector("input, select, textarea");
  event.preventDefault();
  if (field instanceof HTMLElement) field.focus();
  // Without a field, to the dialog itself: Escape works, and no key press has a meaning yet.
  else if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus();
}

function Stages({ stages, now }: { stages: Stage[]; now: Stage }) {
  return (
    <ol className="flex gap-4 border-b border-line px-4 pt-1">
      {stages.map((stage, at) => (
        <li
          key={stage}
          aria-current={stage === now ? "step" : undefined}
          className={`-mb-px border-b-2 py-1.5 text-sm ${stage === now ? "border-accent font-medium text-accent" : "border-transparent text-muted"}`}
        >
          {at + 1} {WORDS[stage]}
        </li>
      ))}
    </ol>
  );
}
