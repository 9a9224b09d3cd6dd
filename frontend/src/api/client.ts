// The typed client: cookie session, CSRF header on writes, a deadline, and a Problem thrown for every failure.
import createClient, { type Middleware } from "openapi-fetch";
import { fromAnswer, toProblem } from "./problem";
import type { paths } from "./schema";

const DEADLINE = 20_000; // ms
const SAFE = new Set(["GET", "HEAD"]);

function csrfToken(): string {
  return /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";
}

const csrf: Middleware = {
  onRequest({ request }) {
    if (!SAFE.has(request.method)) request.headers.set("X-CSRFToken", csrfToken());
    return request;
  },
};

async function fetchInTime(request: Request): Promise<Response> {
  try {
    return await fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(DEADLINE)]) });
  } catch (error) {
    if (request.signal.aborted) throw error; // the page no longer wants it
    throw toProblem(error);
  }
}

export const client = createClient<paths>({ baseUrl: window.location.origin, fetch: fetchInTime });
client.use(csrf);

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** What a request answered. Throws a Problem. */
export async function answered<T>(request: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await request;
  if (!response.ok) throw fromAnswer(response, error);
  return data as T; // 204 has none, and its type says so
}

/** A random key that makes a write safe to repeat. Works without TLS too, where crypto.randomUUID does not exist. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** All items of a list that is short by nature (disks, pools): follows `next` to the end. */
export async function all<T>(page: (cursor: string) => Promise<{ items: T[]; next: string | null }>): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const part: { items: T[]; next: string | null } = await page(cursor);
    items.push(...part.items);
    cursor = part.next;
  }
  return items;
}
