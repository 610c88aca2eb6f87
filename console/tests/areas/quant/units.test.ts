import { expect, test } from "vitest";

import { stageText, templateText, unitText } from "../../../src/areas/quant/units";

test.each([
  ["FracColumn", "fraction for each bar"],
  ["FracMatrix", "fraction for each pair of symbols"],
  ["UsdPerShare", "USD per share"],
  ["UsdRow", "USD for each symbol"],
  ["BpsByVenue", "bps for each venue"],
  ["Shares", "shares"],
  ["SomeNewThing", "some new thing"],
  ["Row", "row"],
])("the unit %s is told as %s", (unit, wanted) => {
  expect(unitText(unit)).toBe(wanted);
});

test("a sentence to be filled in is told with names, not with how its numbers are written", () => {
  expect(templateText("{cash_usd:,.0f} USD of {venue!s}; at least {min:.2%} {none}")).toBe("cash_usd USD of venue; at least min none");
});

test("a stage is a title", () => {
  expect(stageText("order_run")).toBe("Order run");
});
