import { beforeEach, expect, test } from "vitest";

import { keepHead, keepKey, keptKey, seenHeads } from "../../../../src/areas/auditor/proof/kept";

beforeEach(() => localStorage.clear());

function head(size: number, root = "aa", origin = "live"): Parameters<typeof keepHead>[0] {
  return { origin, size, root, seenAt: "2026-01-01T00:00:00Z" };
}

test("a head that was seen is not replaced by another of its size", () => {
  keepHead(head(3, "first"));
  keepHead(head(3, "second"));
  expect(seenHeads("live").map((each) => each.root)).toEqual(["first"]);
});

test("the oldest and the newest head stay when there are too many", () => {
  for (let size = 1; size <= 60; size += 1) keepHead(head(size));
  const sizes = seenHeads("live").map((each) => each.size);
  expect([sizes.length, sizes[0], sizes.at(-1)]).toEqual([20, 1, 60]);
});

test("logs are kept apart", () => {
  keepHead(head(1, "a", "live"));
  keepHead(head(1, "b", "paper"));
  expect([seenHeads("live").length, seenHeads("paper")[0]?.root, seenHeads("other")]).toEqual([1, "b", []]);
});

test("what somebody else wrote there is not taken for heads", () => {
  localStorage.setItem("assay.heads", "{not json");
  expect(seenHeads("live")).toEqual([]);
});

test("a key is kept without the spaces around it, and an empty one is none", () => {
  keepKey("  live+00+AA \n");
  expect(keptKey()).toBe("live+00+AA");
  keepKey(" ");
  expect(keptKey()).toBe("");
});
