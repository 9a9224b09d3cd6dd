import { expect, test } from "vitest";
import { fromAnswer, toProblem } from "./problem";

test("a problem+json answer keeps its words", () => {
  const body = {
    type: "urn:calypso:problem:pool_exists",
    title: "There is a pool “tank” already.",
    status: 409,
    code: "pool_exists",
    detail: "",
    hint: "Take another name.",
    field: "name",
    request_id: "abc",
    errors: [],
  };
  const problem = fromAnswer(new Response(null, { status: 409 }), body);
  expect(problem).toMatchObject({ message: body.title, hint: body.hint, field: "name", requestId: "abc" });
  expect(problem.passing).toBe(false);
});

test("an answer of a proxy is a sentence too", () => {
  const answer = new Response("<html>", { status: 502, statusText: "Bad Gateway", headers: { "X-Request-ID": "r1" } });
  expect(fromAnswer(answer, "<html>")).toMatchObject({
    message: "The server answered 502 Bad Gateway.",
    requestId: "r1",
  });
});

test("no answer at all is passing", () => {
  expect(toProblem(new TypeError("Failed to fetch"))).toMatchObject({ code: "unreachable", passing: true });
});
