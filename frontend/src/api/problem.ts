// Every failure of a request as one kind of error: the server's problem+json, or a sentence of our own when none came.
import type { ProblemBody } from "./types";

export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  /** The tool's own words. */
  readonly detail: string;
  readonly hint: string;
  /** The input at fault, dotted: `vdevs.0.disks`. */
  readonly field: string | null;
  readonly requestId: string;

  constructor(body: Partial<ProblemBody> & { title: string; status: number; code: string }) {
    super(body.title);
    this.status = body.status;
    this.code = body.code;
    this.detail = body.detail ?? "";
    this.hint = body.hint ?? "";
    this.field = body.field ?? null;
    this.requestId = body.request_id ?? "";
  }

  /** Nobody answered, or not now: worth another try. */
  get passing(): boolean {
    return this.status === 0 || this.status === 503 || this.status === 504;
  }
}

function isBody(value: unknown): value is ProblemBody {
  return typeof value === "object" && value !== null && "code" in value && "title" in value;
}

/** The problem that an answer with an error status tells. */
export function fromAnswer(response: Response, body: unknown): Problem {
  if (isBody(body)) return new Problem(body);
  return new Problem({
    title: `The server answered ${response.status} ${response.statusText}`.trim() + ".",
    status: response.status,
    code: `http_${response.status}`,
    request_id: response.headers.get("X-Request-ID") ?? "",
    hint: response.status >= 500 ? "Try again; if it stays, the log has the details under this request's id." : "",
  });
}

/** Any thrown thing as a Problem; what is none of ours means that nobody answered. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const late = error instanceof DOMException && error.name === "TimeoutError";
  return new Problem({
    title: late ? "Calypso did not answer in time." : "Calypso can't be reached.",
    status: 0,
    code: "unreachable",
    hint: "Check the network and that the box is running. The page catches up by itself.",
  });
}
