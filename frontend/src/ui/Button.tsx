import type { ComponentProps } from "react";

export type Look = "primary" | "plain" | "danger" | "quiet";

const LOOKS: Record<Look, string> = {
  primary: "bg-accent text-on-accent border-transparent hover:bg-accent-hover",
  plain: "bg-surface border-line-strong hover:bg-hover",
  danger: "bg-bad-solid text-on-bad border-transparent hover:opacity-90",
  quiet: "border-transparent text-muted hover:bg-hover hover:text-text",
};

/** The classes of a button, for links that look like one. */
export function buttonClass(look: Look = "plain"): string {
  return `inline-flex h-8 items-center justify-center gap-1.5 rounded border px-3 font-medium whitespace-nowrap no-underline hover:no-underline disabled:opacity-50 ${LOOKS[look]}`;
}

export function Button({ look = "plain", className = "", ...rest }: ComponentProps<"button"> & { look?: Look }) {
  return <button type="button" {...rest} className={`${buttonClass(look)} ${className}`} />;
}

/** A button that is only an icon; its label is read aloud and shown on hover. */
export function IconButton({ label, className = "", ...rest }: ComponentProps<"button"> & { label: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={`inline-flex size-8 shrink-0 items-center justify-center rounded text-muted hover:bg-hover hover:text-text ${className}`}
    />
  );
}
