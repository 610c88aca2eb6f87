import { existsSync, readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { areEqual, fromBase64, fromHex, toHex, type Bytes } from "../../../../src/areas/auditor/proof/bytes";
import { checkpointOf, extendsOlder, isHeadOf, isSignedBy, leafHash, rootOf } from "../../../../src/areas/auditor/proof/merkle";

// The inputs, roots and audit paths of the Certificate Transparency reference implementation.
const INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const ROOT_OF_3 = "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77";
const ROOT_OF_8 = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328";
const PATH_OF_0_IN_8 = [
  "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
  "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
  "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
];

// From the documentation of golang.org/x/mod/sumdb/note, which the C2SP specification grew from.
const KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const NOTE = `${TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`;

/** Public cases of proofs, right and wrong ones, as the people who keep transparency logs share them. */
const SHARED = new URL("../../../../../../shared/data/merkle_vectors.json", import.meta.url);

interface Case {
  case: string;
  wantErr: boolean;
  proof: string[] | null;
}

interface Inclusion extends Case {
  leafIdx: number;
  treeSize: number;
  root: string;
  leafHash: string;
}

interface Consistency extends Case {
  size1: number;
  size2: number;
  root1: string;
  root2: string;
}

function paths(texts: readonly string[] | null): Bytes[] {
  return (texts ?? []).map(fromBase64);
}

describe.skipIf(!existsSync(SHARED))("the public cases", () => {
  const cases = existsSync(SHARED) ? (JSON.parse(readFileSync(SHARED, "utf-8")) as { cases: { inclusion: Inclusion[]; consistency: Consistency[] } }).cases : null;

  test("of inclusion are judged right, all 74", async () => {
    expect(cases?.inclusion).toHaveLength(74);
    for (const each of cases?.inclusion ?? []) {
      const found = await rootOf(fromBase64(each.leafHash), each.leafIdx, each.treeSize, paths(each.proof));
      const holds = found !== null && areEqual(found, fromBase64(each.root));
      expect(holds, each.case).toBe(!each.wantErr);
    }
  });

  test("of consistency are judged right, all 68", async () => {
    expect(cases?.consistency).toHaveLength(68);
    for (const each of cases?.consistency ?? []) {
      const [older, newer] = [{ size: each.size1, root: fromBase64(each.root1) }, { size: each.size2, root: fromBase64(each.root2) }];
      expect(await extendsOlder(older, newer, paths(each.proof)), each.case).toBe(!each.wantErr);
    }
  });
});

describe("an audit path", () => {
  test("leads from a leaf to the published root", async () => {
    const root = await rootOf(await leafHash(fromHex(INPUTS[0] ?? "")), 0, 8, PATH_OF_0_IN_8.map(fromHex));
    expect(root && toHex(root)).toBe(ROOT_OF_8);
  });

  test("leads elsewhere with any hash of it changed, from another leaf, and at another place", async () => {
    const [leaf, path] = [await leafHash(fromHex("")), PATH_OF_0_IN_8.map(fromHex)];
    const changed = path.map((_, at) => path.map((hash, place) => (place === at ? hash.map((byte) => byte ^ 1) : hash)));
    const roots = await Promise.all([
      ...changed.map((each) => rootOf(leaf, 0, 8, each)),
      rootOf(await leafHash(fromHex("00")), 0, 8, path),
      rootOf(leaf, 1, 8, path),
    ]);
    for (const root of roots) expect(root && toHex(root)).not.toBe(ROOT_OF_8);
  });

  test("of another length than the tree's is none", async () => {
    const [leaf, path] = [await leafHash(fromHex("")), PATH_OF_0_IN_8.map(fromHex)];
    expect(await rootOf(leaf, 0, 8, path.slice(1))).toBeNull();
    expect(await rootOf(leaf, 0, 8, [...path, ...path])).toBeNull();
    expect(await rootOf(leaf, 8, 8, path)).toBeNull();
    expect(await rootOf(leaf, -1, 8, path)).toBeNull();
  });

  test("of the only leaf is empty, and its root is the leaf", async () => {
    const leaf = await leafHash(fromHex("")); // RFC 9162: SHA-256 of a zero byte
    expect(toHex(leaf)).toBe("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    expect(await rootOf(leaf, 0, 1, [])).toEqual(leaf);
  });
});

test("a tree extends itself by nothing, and no other of its size", async () => {
  const [three, eight] = [{ size: 8, root: fromHex(ROOT_OF_3) }, { size: 8, root: fromHex(ROOT_OF_8) }];
  expect(await extendsOlder(eight, eight, [])).toBe(true);
  expect(await extendsOlder(three, eight, [])).toBe(false);
  expect(await extendsOlder(eight, eight, [eight.root])).toBe(false);
});

describe("a signed note", () => {
  test("of the reference implementation is accepted with its key", async () => {
    expect(await isSignedBy(NOTE, KEY)).toBe(true);
    expect(await isSignedBy(NOTE, ` ${KEY}\n`)).toBe(true);
  });

  test("with another text, another signer or no signature is not", async () => {
    expect(await isSignedBy(NOTE.replace("answer", "Answer"), KEY)).toBe(false);
    expect(await isSignedBy(NOTE.replace("— PeterNeumann", "— AdaLovelace"), KEY)).toBe(false);
    expect(await isSignedBy(`${TEXT}\n`, KEY)).toBe(false);
  });

  test.each(["", "no key", KEY.replace("PeterNeumann", "AdaLovelace"), KEY.replace("+AR", "+AB")])("is never accepted with %j, which is no key", async (key) => {
    await expect(isSignedBy(NOTE, key)).rejects.toThrow();
  });

  test("is no head of a log that it does not name", async () => {
    expect(await isHeadOf(`${"PeterNeumann"}\n3\n${btoa("root")}\n\n— PeterNeumann AAAA\n`, KEY)).toBe(false);
    await expect(isHeadOf(NOTE, KEY)).rejects.toThrow("no size in its second line");
  });
});

test("a checkpoint says its log, its size and its root", () => {
  const { origin, size, root } = checkpointOf("example.com/log\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— x y\n");
  expect([origin, size, root.length]).toEqual(["example.com/log", 20_852_163, 32]);
});

test.each(["", "log", "log\n\nroot", "log\n-1\nAAAA", "log\n01\nAAAA", "log\n1e3\nAAAA", "log\n9007199254740993\nAAAA"])("%j is no checkpoint", (note) => {
  expect(() => checkpointOf(note)).toThrow("size");
});
