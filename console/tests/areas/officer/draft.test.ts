import { beforeEach, expect, test } from "vitest";

import { PolicyDraft } from "../../../src/areas/officer/draft.svelte";

const LIVE = "policy: us-equities\nversion: 7\nsupersedes: sha256:old\neffective_from: 2020-01-01T00:00:00Z\nparams:\n  version: 3\n";

beforeEach(() => sessionStorage.clear());

test("a draft begins as the next version of what is live, in force from now on", () => {
  const draft = new PolicyDraft();
  draft.begin("sha256:live", LIVE, null);
  expect(draft.text.text).toMatch(/^policy: us-equities\nversion: 8\nsupersedes: sha256:live\neffective_from: 20\d\d-\d\d-\d\dT\d\d:\d\d:00Z\nparams:\n {2}version: 3\n$/);
  expect([draft.base.text, draft.cases.text, draft.isBegun]).toEqual(["sha256:live", "", true]);
});

test("a draft that was overtaken takes the new head and keeps what was written", () => {
  const draft = new PolicyDraft();
  draft.begin("sha256:live", LIVE, "cases");
  draft.text.text = draft.text.text.replace("params:", "params: # tightened");
  draft.follow("sha256:newer", LIVE.replace("version: 7", "version: 8"));
  expect(draft.text.text).toContain("version: 9\nsupersedes: sha256:newer\n");
  expect(draft.text.text).toContain("params: # tightened\n  version: 3");
  expect([draft.base.text, draft.cases.text]).toEqual(["sha256:newer", "cases"]);
});

test("an impact is bound to the very text that it was asked of", () => {
  const draft = new PolicyDraft();
  draft.begin("sha256:live", LIVE, null);
  expect(draft.boundImpact).toBeNull();
  [draft.impact.text, draft.impactOf.text] = ["job-1", draft.text.text];
  expect(draft.boundImpact).toBe("job-1");
  draft.text.text += "\n";
  expect(draft.boundImpact).toBeNull();
});

test("a draft that is thrown away leaves nothing behind", () => {
  const draft = new PolicyDraft();
  draft.begin("sha256:live", LIVE, "cases");
  draft.discard();
  expect([draft.isBegun, sessionStorage.length]).toEqual([false, 0]);
});
