import { expect, test } from "vitest";

import { evidenceText, figureName, figureText } from "../../../src/areas/quant/figures";
import { columnsOf, numbers, seconds } from "../../../src/areas/quant/report";

test.each<[string, number | null, string]>([
  ["return_frac", -0.12345, "−12.35 %"],
  ["fees_usd", 1234.5, "1,234.50 USD"],
  ["cost_bps", 2, "2.00 bps"],
  ["orders_count", 1200, "1,200"],
  ["needed_sessions", 8179, "8,179 sessions"],
  ["sharpe", 0.123456, "0.1235"],
  ["sharpe", null, "not known"],
])("%s of %s reads %s", (name, value, wanted) => {
  expect(figureText(name, value)).toBe(wanted);
});

test("what was not measured is not known, and is no zero", () => {
  expect(evidenceText({ auc: 0 }, "auc")).toBe("0");
  expect(evidenceText({}, "auc")).toBe("not known");
});

test("a name is told in words, without its unit", () => {
  expect(["oos_max_drawdown_frac", "sessions", "needed_sessions", "spa_p_frac"].map(figureName)).toEqual(["out of sample deepest drawdown", "sessions", "needed", "superior predictive ability, p"]);
});

test("a table of a report is read by column, and an empty cell is a gap", () => {
  const columns = columnsOf("session_on,equity_usd\r\n2012-01-03,1000.5\r\n2012-01-04,\r\n");
  expect(numbers(columns.get("equity_usd"))).toEqual([1000.5, null]);
  expect(seconds(columns.get("session_on"))).toEqual([1_325_548_800, 1_325_635_200]);
  expect([numbers(undefined), [...columnsOf("").values()]]).toEqual([[], [[]]]);
});
