// A command as the action dialog asks for it: first as a dry run, then for good. One function a method, typed by its path.
import { answered, client } from "./client";
import type { Problem } from "./problem";
import type { paths } from "./schema";
import type { Operation, Plan } from "./types";

export interface Given {
  key: string;
  reason: string;
  /** The typed name; empty where none is asked for. */
  confirm: string;
}

export interface Ask {
  plan: () => Promise<Plan>;
  run: (given: Given) => Promise<Operation>;
}

type Method = "post" | "put" | "patch" | "delete";
/** The paths that take a method. */
type With<M extends Method> = { [P in keyof paths]: paths[P][M] extends undefined ? never : P }[keyof paths];
type At<P extends keyof paths, M extends Method> = NonNullable<paths[P][M]>;
type PathOf<O> = O extends { parameters: { path: infer X } } ? X : Record<string, never>;
type BodyOf<O> = O extends { requestBody: { content: { "application/json": infer X } } }
  ? Omit<X, "reason" | "confirm">
  : Record<string, never>;

type QueryOf<O> = O extends { parameters: { query?: infer X } }
  ? Omit<NonNullable<X>, "dry_run" | "wait" | "reason" | "confirm">
  : Record<string, never>;

interface Wish<P extends keyof paths, M extends Method> {
  path: PathOf<At<P, M>>;
  body?: BodyOf<At<P, M>>;
  /** What a path that takes no body has instead. */
  query?: QueryOf<At<P, M>>;
  /** Where no plan is made without one. */
  reason?: string;
  /** Reads the version before a plan is made, so that a change in between is refused and not overlooked. */
  version?: () => Promise<number>;
}

function command<M extends Method, P extends With<M>>(method: M, path: P, wish: Wish<P, M>): Ask {
  const send = (query: Record<string, unknown>, header: Record<string, string>, more: Record<string, unknown>) => {
    const init = { params: { path: wish.path, query: { ...wish.query, ...query }, header }, ...(method === "delete" ? {} : { body: more }) };
    // The types of path and body were checked at the call; here the method is no longer one literal.
    return answered(client.request(method, path as never, init as never));
  };
  const known = { ...wish.body, reason: wish.reason ?? "" };
  let version: number | undefined;
  return {
    plan: async () => {
      version = await wish.version?.();
      return send({ dry_run: true }, {}, known);
    },
    run: ({ key, reason, confirm }) => {
      const said = { reason, ...(confirm ? { confirm } : {}) };
      const header = { "Idempotency-Key": key, ...(version === undefined ? {} : { "If-Match": `"${version}"` }) };
      return send(method === "delete" ? said : {}, header, { ...known, ...said });
    },
  };
}

export const post = <P extends With<"post">>(path: P, wish: Wish<P, "post">) =>
  command("post", path, wish);
export const put = <P extends With<"put">>(path: P, wish: Wish<P, "put">) =>
  command("put", path, wish);
export const patch = <P extends With<"patch">>(path: P, wish: Wish<P, "patch">) =>
  command("patch", path, wish);
export const del = <P extends With<"delete">>(path: P, wish: Wish<P, "delete">) =>
  command("delete", path, wish);

/** What was filled in can't be asked for; the server would not know why. */
export function refused(problem: Problem): Ask {
  return { plan: () => Promise.reject(problem), run: () => Promise.reject(problem) };
}
