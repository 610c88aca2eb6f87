import { describe, expect, test } from "vitest";

import golden from "../../../../../tests/golden/canonical_vectors.json";
import { fromHex, toHex } from "../../../../src/areas/auditor/proof/bytes";
import { decoded, plain, type Canonical } from "../../../../src/areas/auditor/proof/canonical";

const VECTORS: Readonly<Record<string, { bytes: string }>> = golden;

function read(name: string): Canonical {
  const vector = VECTORS[name];
  if (vector === undefined) throw new Error(`there is no vector ${name}`);
  return decoded(fromHex(vector.bytes));
}

describe("the frozen vectors of the log's own writer", () => {
  test.each<[string, Canonical]>([
    ["none", null],
    ["true", true],
    ["false", false],
    ["int -1", -1],
    ["int 2**63-1", 9_223_372_036_854_775_807n],
    ["int -2**63", -9_223_372_036_854_775_808n],
    ["float 0.0", 0],
    ["float -0.0", -0],
    ["float 0.1", 0.1],
    ["float 5e-324", 5e-324],
    ["float -infinity", -Infinity],
    ["float nan", NaN],
    ["decimal 1.0", "1.0"],
    ["decimal -12.50", "-12.50"],
    ["decimal 1E+3", "1000"],
    ["decimal -0", "-0"],
    ["text empty", ""],
    ["text accents", "Zürich 東京 🚀"],
    ["text with nul", "a\0b"],
    ["text e and combining accent", "e\u0301"],
    ["text e acute", "é"],
    ["instant epoch", 0],
    ["instant one microsecond before the epoch", -1000],
    ["date 1969-12-31", -1],
    ["date 2005-01-03", 12_786],
    ["enum Verdict.WARN", ["Verdict", "WARN"]],
    ["sequence empty", []],
    ["sequence nested", [[], [[1], 2]]],
  ])("%s", (name, wanted) => {
    expect(read(name)).toEqual(wanted);
  });

  test("a time finer than a double holds stays exact", () => {
    expect(read("instant close in New York")).toBe(1_104_786_000_000_000_000n);
  });

  test("bytes and structs", () => {
    expect(plain(read("bytes 00ff"))).toBe("00ff");
    const quote = read("dataclass");
    expect(quote instanceof Map ? [...quote.keys()] : quote).toEqual(["ask_usd", "bid_usd", "symbol"]);
  });

  test("are read to an end or refused, never half read", () => {
    for (const [name, { bytes }] of Object.entries(VECTORS)) {
      const isRead = !/^(4a|43|50|41)/.test(bytes);
      if (isRead) expect(() => decoded(fromHex(bytes)), name).not.toThrow();
      else expect(() => decoded(fromHex(bytes)), name).toThrow("is not read here");
      expect(() => decoded(fromHex(`${bytes}4e`)), name).toThrow(isRead ? "1 bytes follow the value" : "is not read here");
      for (let length = 2; length < bytes.length; length += 2) expect(() => decoded(fromHex(bytes.slice(0, length))), name).toThrow();
    }
  });
});

test("a length that nothing could have is refused before anything is made of it", () => {
  expect(() => decoded(fromHex("4c7fffffffffffffff"))).toThrow("more than there is");
});

test("what is nested without end is refused", () => {
  expect(() => decoded(fromHex("4c0000000000000001".repeat(200) + "4e"))).toThrow("nested too deeply");
});

test("text that is no UTF-8 is refused", () => {
  expect(() => decoded(fromHex("550000000000000002c328"))).toThrow();
});

test("hexadecimal goes there and back, with or without the name of the digest", () => {
  expect(toHex(fromHex("sha256:00ff10"))).toBe("00ff10");
});
