import { describe, expect, test } from "vitest";

import { asProblem, Problem, problemOf } from "../../src/client/problem";

function refusal(body: string, status: number): Response {
  const response = new Response(body, { status });
  Object.defineProperty(response, "url", { value: "http://assay.test/internal/policy?x=1" });
  return response;
}

describe("a refusal of the server", () => {
  test("is shown with title, detail, mend and every fault", async () => {
    const said = { type: "/problems/stale-condition", title: "T", detail: "D", mend: "M", trace_id: "t", errors: [{ where: "a", what: "b" }], since: "x" };
    const problem = await problemOf(refusal(JSON.stringify(said), 412));
    expect([problem.kind, problem.status, problem.title, problem.detail, problem.mend, problem.traceId]).toEqual(["stale-condition", 412, "T", "D", "M", "t"]);
    expect(problem.errors).toEqual(said.errors);
    expect(problem.members.since).toBe("x");
    expect(problem.isPassing).toBe(false);
  });

  test.each(["", "<html>502</html>", "null", "[]", '"text"', '{"status": 502}'])("that says %j instead is told by what was asked", async (body) => {
    const problem = await problemOf(refusal(body, 502));
    expect(problem.detail).toBe("It answered 502 to /internal/policy, and said no more.");
  });
});

test.each([
  [503, true],
  [429, true],
  [404, false],
])("%d passes by itself: %s", (status, passes) => {
  expect(new Problem("x", status, "", "", "").isPassing).toBe(passes);
});

test("a broken connection is no fault of the console's", () => {
  const problem = asProblem(new TypeError("Failed to fetch"));
  expect([problem.kind, problem.isPassing]).toEqual(["unreachable", true]);
});

test("a fault of the console's says its name, and a problem stays what it is", () => {
  const problem = asProblem(new RangeError("too deep"));
  expect([problem.kind, problem.detail]).toEqual(["console", "RangeError: too deep"]);
  expect(asProblem(problem)).toBe(problem);
  expect(asProblem("odd").detail).toBe("odd");
});
