import { expect, test } from "vitest";

import contract from "../../../../tests/contract/openapi.json";
import { about, KINDS } from "../../../src/areas/auditor/about";

test("a fill says what was moved, and at which price", () => {
  const facts = { symbol: "GOOG", account_id: "demo", fill_shares: -1030, fill_price_usd: "1729.16", session_on: "2013-01-04" };
  expect(about(facts)).toBe("sell 1,030 GOOG at 1,729.16 USD · demo · 2013-01-04");
});

test("a plan counts its candidates and a version is named as one", () => {
  expect(about({ account_id: "demo", session_on: "2013-01-04", n_candidates: 1, principal: "assay" })).toBe("demo · 2013-01-04 · 1 candidate");
  expect(about({ family: "meta-label", version: 2 })).toBe("meta-label · version 2");
});

test("an order that moves nothing names its share, and an empty entry says nothing", () => {
  expect(about({ symbol: "IBM", order_shares: 0, verdict: "deny" })).toBe("IBM · deny");
  expect(about({})).toBe("");
});

test("every kind that the server knows can be chosen", () => {
  const parameters = contract.paths["/internal/log/entries"].get.parameters as { name: string; schema: object }[];
  const schema = parameters.find((each) => each.name === "kind")?.schema;
  const known = JSON.stringify(schema).match(/"[a-z-]+"/g)?.map((each) => each.slice(1, -1)) ?? [];
  for (const kind of KINDS) expect(known).toContain(kind);
  expect(KINDS.length).toBeGreaterThan(30);
});
