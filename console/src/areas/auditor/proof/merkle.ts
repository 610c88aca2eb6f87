/** The log's Merkle tree and its signed heads, from their public specifications alone. */
import { areEqual, ascii, fromBase64, joined, sha256, toHex, type Bytes } from "./bytes";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);
const HASH_BYTES = 32;

/** RFC 9162 section 2.1.1. */
export function leafHash(entry: Bytes): Promise<Bytes> {
  return sha256(joined(LEAF, entry));
}

/** The root that an audit path leads to, RFC 9162 section 2.1.3.2; null when it is no path of such a tree. */
export async function rootOf(leaf: Bytes, index: number, size: number, path: readonly Bytes[]): Promise<Bytes | null> {
  if (index < 0 || index >= size || ![leaf, ...path].every(isHash)) return null;
  let [at, last, found] = [index, size - 1, leaf];
  for (const each of path) {
    if (last === 0) return null;
    if (at % 2 === 1 || at === last) {
      found = await sha256(joined(NODE, each, found));
      while (at !== 0 && at % 2 === 0) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
    } else found = await sha256(joined(NODE, found, each));
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 ? found : null;
}

/** Whether one tree extends another, RFC 9162 section 2.1.4.2. */
export async function extendsOlder(
  older: { size: number; root: Bytes },
  newer: { size: number; root: Bytes },
  proof: readonly Bytes[],
): Promise<boolean> {
  if (older.size < 1 || older.size > newer.size || ![older.root, newer.root, ...proof].every(isHash)) return false;
  if (older.size === newer.size) return proof.length === 0 && areEqual(older.root, newer.root);
  const isPower = Number.isInteger(Math.log2(older.size));
  const path = isPower ? [older.root, ...proof] : [...proof];
  const first = path[0];
  if (first === undefined) return false;
  let [at, last] = [older.size - 1, newer.size - 1];
  while (at % 2 === 1) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  let [old, found] = [first, first];
  for (const each of path.slice(1)) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      old = await sha256(joined(NODE, each, old));
      found = await sha256(joined(NODE, each, found));
      while (at !== 0 && at % 2 === 0) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
    } else found = await sha256(joined(NODE, found, each));
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 && areEqual(old, older.root) && areEqual(found, newer.root);
}

function isHash(bytes: Bytes): boolean {
  return bytes.length === HASH_BYTES;
}

export interface Checkpoint {
  origin: string;
  size: number;
  root: Bytes;
}

/** What a signed note says (https://c2sp.org/tlog-checkpoint), whoever signed it. */
export function checkpointOf(note: string): Checkpoint {
  const [origin = "", size = "", root = ""] = note.split("\n");
  if (!/^(0|[1-9]\d*)$/.test(size) || !Number.isSafeInteger(Number(size))) throw new Error("the checkpoint has no size in its second line");
  return { origin, size: Number(size), root: fromBase64(root) };
}

/** Whether a verifier key (name+hash+base64, https://c2sp.org/signed-note) signed a note. Throws for text that is none. */
export async function isSignedBy(note: string, verifierKey: string): Promise<boolean> {
  const [name = "", keyHash = "", ...encoded] = verifierKey.trim().split("+");
  const key = fromBase64(encoded.join("+"));
  const named = (await sha256(joined(ascii(`${name}\n`), key))).slice(0, 4);
  if (key[0] !== 1 || toHex(named) !== keyHash) throw new Error("the verifier key is not of the form name+hash+base64");
  const at = note.lastIndexOf("\n\n");
  const signed = ascii(note.slice(0, at + 1));
  const publicKey = await crypto.subtle.importKey("raw", key.slice(1), { name: "Ed25519" }, false, ["verify"]);
  for (const line of note.slice(at + 2).split("\n")) {
    if (!line.startsWith(`— ${name} `)) continue;
    const signature = fromBase64(line.slice(`— ${name} `.length));
    if (!areEqual(signature.slice(0, 4), named)) continue;
    if (await crypto.subtle.verify("Ed25519", publicKey, signature.slice(4), signed)) return true;
  }
  return false;
}

/** Whether a note is a checkpoint of the log that a verifier key is named after, signed by that key. */
export async function isHeadOf(note: string, verifierKey: string): Promise<boolean> {
  return checkpointOf(note).origin === verifierKey.trim().split("+")[0] && (await isSignedBy(note, verifierKey));
}
