import { expect, test } from "vitest";

import { ageText, counted, grouped, instantText, placed, shortDigest, sideText, signed } from "../../src/parts/format";

test.each([
  ["0", "0"],
  ["999", "999"],
  ["1000", "1,000"],
  ["-1234567.50", "−1,234,567.50"],
  ["12345678901234567890.123456789", "12,345,678,901,234,567,890.123456789"],
  ["0.0001234", "0.0001234"],
  ["-0.00", "−0.00"],
  ["1500 shares", "1,500 shares"],
])("%s is written %s, with no digit lost", (text, wanted) => {
  expect(grouped(text)).toBe(wanted);
});

test("integers beyond what a double holds keep their digits", () => {
  expect(grouped(9_223_372_036_854_775_807n)).toBe("9,223,372,036,854,775,807");
  expect(grouped(-1000)).toBe("−1,000");
});

test.each(["1e21", "nan", "2013-01-02", "$1,000.00", "AAPL"])("%s is no plain number and stays as it is", (text) => {
  expect(grouped(text)).toBe(text);
});

test("a negative amount of dollars has a real minus", () => {
  expect(grouped("-$1,000.00")).toBe("−$1,000.00");
});

test.each([
  ["12.5", "+12.5"],
  ["-12.5", "−12.5"],
  ["0", "0"],
  ["0.00", "0.00"],
])("the change %s is written %s", (text, wanted) => {
  expect(signed(text)).toBe(wanted);
});

test.each(["2013-01-02T21:00:00Z", "2013-01-02T21:00:00.123456789Z", "2013-01-02T21:00:00+00:00"])("%s is told in UTC", (instant) => {
  expect(instantText(instant)).toBe("2013-01-02 21:00:00 UTC");
});

test("an instant with another offset is not passed off as UTC", () => {
  expect(instantText("2013-01-02T21:00:00+02:00")).toBe("2013-01-02T21:00:00+02:00");
});

test.each([
  [0, "0 s"],
  [89_000, "89 s"],
  [90_000, "2 min"],
  [5_400_000, "2 h"],
  [172_800_000, "2 d"],
])("%d ms are an age of %s", (ms, wanted) => {
  expect(ageText(1000, 1000 + ms).replace("\u2009", " ")).toBe(wanted);
});

test("what comes from the future, by another machine's clock, is not older than nothing", () => {
  expect(ageText(2000, 1000)).toBe("0\u2009s");
});

test("a digest is cut, a short id is not", () => {
  expect(shortDigest(`sha256:${"ab".repeat(32)}`)).toBe("abababababab…");
  expect(shortDigest("abc")).toBe("abc");
});

test("one thing is singular; none and many are not", () => {
  expect([0, 1, 1200].map((count) => counted(count, "entry", "entries"))).toEqual(["0 entries", "1 entry", "1,200 entries"]);
});

test("a side is a word and its size bears no sign", () => {
  expect([5000, -1200, 0].map(sideText)).toEqual(["buy 5,000", "sell 1,200", "nothing"]);
});

test.each([
  ["65767.106077", 2, "65767.11"],
  ["-1359.5", 2, "-1359.50"],
  ["0.005", 2, "0.01"],
  ["-0.004", 2, "0.00"],
  ["9.999", 2, "10.00"],
  ["12345678901234567890.125", 2, "12345678901234567890.13"],
  ["2.5", 0, "3"],
  ["not known", 2, "not known"],
])("%s to %d places is %s", (value, places, wanted) => {
  expect(placed(value, places)).toBe(wanted);
});
