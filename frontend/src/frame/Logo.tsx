export function Logo() {
  return (
    <span className="inline-flex items-center gap-2 font-semibold tracking-tight">
      <svg aria-hidden width="22" height="22" viewBox="0 0 32 32">
        <rect width="32" height="32" rx="7" className="fill-accent" />
        <path
          d="M23 11.5A8.5 8.5 0 1 0 23 20.5"
          fill="none"
          strokeWidth="3.5"
          strokeLinecap="round"
          className="stroke-on-accent"
        />
      </svg>
      <span className="max-sm:sr-only">calypso</span>
    </span>
  );
}
