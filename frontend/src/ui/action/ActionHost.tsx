// Where dialogs of actions live: above the pages, so that one outlives the page of what it destroys.
import { createContext, type ReactNode, useCallback, useContext, useState } from "react";
import { type Action, CommandDialog } from "./CommandDialog";

type Act = (action: Action, onDone?: () => void) => void;

const Context = createContext<Act | null>(null);

export function ActionHost({ children }: { children: ReactNode }) {
  const [acting, setActing] = useState<{ action: Action; onDone?: (() => void) | undefined } | null>(null);
  const act = useCallback<Act>((action, onDone) => setActing({ action, onDone }), []);
  return (
    <Context value={act}>
      {children}
      {acting && (
        <CommandDialog
          action={acting.action}
          onClose={(succeeded) => {
            setActing(null);
            if (succeeded) acting.onDone?.();
          }}
        />
      )}
    </Context>
  );
}

/** Opens an action's dialog; ``onDone`` is called when it is closed after success. */
export function useAct(): Act {
  const act = useContext(Context);
  if (act === null) throw new Error("ActionHost is missing");
  return act;
}
