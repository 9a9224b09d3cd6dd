// Which of the checks are not well.
import { useQuery } from "@tanstack/react-query";
import { checks } from "../system/health/queries";
import { CheckState, isWell, nameOf, worstFirst } from "../system/health/words";
import { LINE, ListCard } from "./ListCard";

export function HealthCard() {
  const query = useQuery(checks);
  const all = query.data?.items;
  return (
    <ListCard
      title="Health"
      all={{ to: "/system/health", label: "All checks" }}
      query={{ ...query, data: all && worstFirst(all).filter((check) => !isWell(check)) }}
      calm={`All ${all?.filter(({ state }) => state === "ok").length ?? 0} checks are well.`}
    >
      {(shown) => (
        <ul aria-label="Checks that are not well">
          {shown.map((check) => (
            <li key={check.name} className={LINE}>
              <span className="font-medium">{nameOf(check)}</span>
              <CheckState state={check.state} />
              <span className="min-w-0 flex-1 basis-40 text-muted [overflow-wrap:anywhere]">{check.message}</span>
            </li>
          ))}
        </ul>
      )}
    </ListCard>
  );
}
