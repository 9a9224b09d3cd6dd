// The parts that every page is made of.
import { type ReactNode, useEffect } from "react";
import { Link } from "react-router";

interface HeadProps {
  title: string;
  state?: ReactNode;
  about?: ReactNode;
  actions?: ReactNode;
  up?: { to: string; label: string };
  mono?: boolean;
}

export function PageHead({ title, state, about, actions, up, mono = false }: HeadProps) {
  useEffect(() => {
    document.title = `${title} · Calypso`;
  }, [title]);
  return (
    <header className="flex flex-wrap items-start justify-between gap-x-4 gap-y-3">
      <div className="flex min-w-0 flex-col gap-1">
        {up && (
          <Link to={up.to} className="text-xs">
            ← {up.label}
          </Link>
        )}
        <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
          <h1
            className={`min-w-0 text-xl leading-7 font-semibold [overflow-wrap:anywhere] ${mono ? "font-mono" : ""}`}
          >
            {title}
          </h1>
          {state}
        </div>
        {about && <p className="max-w-4xl text-muted">{about}</p>}
      </div>
      {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
    </header>
  );
}

export function Card({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section aria-label={title} className="flex min-w-0 flex-col rounded border border-line bg-surface">
      <div className="flex min-h-9 items-center justify-between gap-2 border-b border-line px-3">
        <h2 className="text-sm font-semibold">{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-2 px-4 py-10 text-center">
      <p className="font-medium">{title}</p>
      {children && <div className="flex max-w-md flex-col items-center gap-3 text-muted">{children}</div>}
    </div>
  );
}

export function Loading() {
  return (
    <p role="status" className="px-4 py-8 text-center text-muted">
      Loading…
    </p>
  );
}

/** A name that goes into commands. */
export function Mono({ children }: { children: ReactNode }) {
  return <span className="font-mono text-sm">{children}</span>;
}
