import { expect, test } from "vitest";

import { ageS, percentText, secondsText, stretchText } from "../../../src/areas/operator/seconds";

test.each([
  [null, "not known"],
  [undefined, "not known"],
  [0, "0 s"],
  [0.0426, "0.043 s"],
  [12.34, "12.3 s"],
  [119.96, "120 s"],
  [300, "300 s (5 min)"],
  [129_600, "129,600 s (36 h)"],
  [200_000, "200,000 s (2.3 d)"],
])("%s seconds are told as %s", (seconds, wanted) => {
  expect(secondsText(seconds)).toBe(wanted);
});

test.each([
  [null, "not known"],
  [0.99, "99 %"],
  [0.99999, "100 %"],
  [-24, "−2,400 %"],
])("the share %s is told as %s", (share, wanted) => {
  expect(percentText(share)).toBe(wanted);
});

test.each([
  [60, "60 s"],
  [300, "5 min"],
  [21_600, "6 h"],
  [259_200, "3 d"],
])("a stretch of %d s is %s", (seconds, wanted) => {
  expect(stretchText(seconds)).toBe(wanted);
});

test("an instant of the future has no age", () => {
  expect(ageS("2026-01-01T00:00:10Z", Date.parse("2026-01-01T00:00:00Z"))).toBe(0);
});
