import { expect, test } from "vitest";

import { agrees } from "../../../../src/areas/auditor/proof/trace";

test.each<[Parameters<typeof agrees>[0], string, boolean | null]>([
  [0.1, "0.1", true],
  [0.1, "0.10000000000000002", false],
  [5e-324, "5e-324", true],
  [0, "-0.0", false],
  [-0, "-0.0", true],
  [NaN, "nan", true],
  [-Infinity, "-inf", true],
  [9_007_199_254_740_993n, "9007199254740993", true],
  [9_007_199_254_740_993n, "9007199254740992", false],
  [true, "True", true],
  [true, "false", false],
  ["150000.00", "150000.00", true],
  ["150000.00", "150000", false],
  [new Uint8Array(3), "2 rows", null],
])("%s in the bytes and %s on the page agree: %s", (read, exact, wanted) => {
  expect(agrees(read, exact, false)).toBe(wanted);
});

test("what is absent agrees with nothing else, and nothing with what is absent", () => {
  expect([agrees(null, "no volume", true), agrees(null, "0", false), agrees(0, "no volume", true)]).toEqual([true, false, false]);
});
