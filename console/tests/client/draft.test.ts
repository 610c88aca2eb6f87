import { beforeEach, expect, test } from "vitest";

import { Draft } from "../../src/client/draft.svelte";

beforeEach(() => sessionStorage.clear());

test("what is written is there after the page is loaded again, under its own name", () => {
  new Draft("policy").text = "version: 2";
  expect(new Draft("policy", "version: 1").text).toBe("version: 2");
  expect(new Draft("alert", "none").text).toBe("none");
});

test("what nobody wrote is not kept", () => {
  const draft = new Draft("policy", "version: 1");
  expect([draft.text, draft.isKept]).toEqual(["version: 1", false]);
});

test("an emptied draft is a draft; only throwing it away forgets it", () => {
  const draft = new Draft("policy", "version: 1");
  draft.text = "";
  expect([draft.isKept, new Draft("policy", "version: 1").text]).toEqual([true, ""]);
  draft.reset("version: 3");
  expect([draft.text, draft.isKept, new Draft("policy", "version: 1").text]).toEqual(["version: 3", false, "version: 1"]);
});
