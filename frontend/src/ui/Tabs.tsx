// The parts of a page; which one is open stands in the URL, so that a link leads to it.
import { Link, useSearchParams } from "react-router";

export interface Tab {
  key: string;
  label: string;
  count?: number | undefined;
}

/** The open tab: the first one when the URL names none. */
export function useTab(tabs: readonly Tab[]): string {
  const [search] = useSearchParams();
  const wanted = search.get("tab");
  return tabs.some((tab) => tab.key === wanted) && wanted ? wanted : (tabs[0]?.key ?? "");
}

export function Tabs({ tabs, label }: { tabs: readonly Tab[]; label: string }) {
  const open = useTab(tabs);
  return (
    <nav aria-label={label} className="flex gap-1 overflow-x-auto border-b border-line">
      {tabs.map((tab, at) => (
        <Link
          key={tab.key}
          to={at === 0 ? "?" : `?tab=${tab.key}`}
          aria-current={tab.key === open ? "page" : undefined}
          className={`-mb-px flex h-9 items-center gap-1.5 border-b-2 px-3 whitespace-nowrap hover:no-underline ${tab.key === open ? "border-accent font-medium text-accent" : "border-transparent text-muted hover:text-text"}`}
        >
          {tab.label}
          {tab.count !== undefined && <span className="text-xs text-muted">{tab.count.toLocaleString("en")}</span>}
        </Link>
      ))}
    </nav>
  );
}
