import { beforeEach, expect, test } from "vitest";

import { matched, place, to } from "../../src/app/place.svelte";

beforeEach(() => place.go("/"));

test.each([
  ["/auditor/decisions/:decision", "/auditor/decisions/abc", { decision: "abc" }],
  ["/quant/models/:family/:version", "/quant/models/meta-label/1", { family: "meta-label", version: "1" }],
  ["/operator/", "/operator", {}],
  ["/officer", "/officer/", {}],
  ["/trader/symbols/:symbol", "/trader/symbols/BRK%2FB", { symbol: "BRK/B" }],
])("%s is the pattern of %s", (pattern, path, parameters) => {
  expect(matched(pattern, path)).toEqual(parameters);
});

test.each([
  ["/auditor/decisions/:decision", "/auditor/decisions"],
  ["/auditor/decisions/:decision", "/auditor/decisions/abc/more"],
  ["/auditor", "/trader"],
  ["/trader/symbols/:symbol", "/trader/symbols/%E0%A4%A"],
])("%s is not the pattern of %s", (pattern, path) => {
  expect(matched(pattern, path)).toBeNull();
});

test("an address holds what is asked and leaves out what is not", () => {
  expect(to("/auditor", { symbol: "BRK B", verdict: "", rule: undefined })).toBe("/console/auditor?symbol=BRK+B");
  expect(to("/auditor")).toBe("/console/auditor");
});

test("filters change the address alone; going elsewhere is a visit and forgets them", () => {
  place.go("/auditor?symbol=AAPL");
  const visits = place.visits;
  place.ask({ verdict: "deny", symbol: undefined });
  expect([location.pathname + location.search, place.visits]).toEqual(["/console/auditor?verdict=deny", visits]);
  place.ask({ verdict: "" });
  expect(location.search).toBe("");
  place.go("/trader");
  expect([place.path, place.visits, [...place.query]]).toEqual(["/trader", visits + 1, []]);
});
