/**
 * What the browser checks of a decision by itself, with WebCrypto, step by step. It trusts the bytes of nobody: each
 * step says what it computed from what. Only the verifier key has to come from elsewhere to prove anything.
 */
import type { Schema } from "../../../client/api";
import { areEqual, ascii, fromBase64, fromHex, joined, sha256, sized, toHex } from "./bytes";
import { decoded, plain, type Canonical } from "./canonical";
import { checkpointOf, isHeadOf, leafHash, rootOf } from "./merkle";
import { shownHolds } from "./shown";
import { traceCheck, type Evidence } from "./trace";

export interface Check {
  title: string;
  holds: boolean;
  /** What was computed from what, or why it does not hold. */
  says: string;
  digest?: string;
}

export interface Materials {
  record: Schema<"DecisionRecord">;
  evidence: Evidence;
  verifierKey: string;
}

type Step = [title: string, run: () => Promise<Omit<Check, "title">>];

export async function checksOf({ record, evidence, verifierKey }: Materials): Promise<Check[]> {
  const { proof, decision } = record;
  const bytes = fromBase64(proof.entry);
  return checked([
    ...entrySteps(record),
    ["The tree's head is signed", async () => headIsSigned(proof, originOf(bytes), verifierKey)],
    ["The trace's digest, from its values", async () => traceHolds(evidence, factsOf(bytes))],
    ["The values shown are those that were hashed", () => shownHolds(evidence, record)],
    ["The decision's id", async () => idHolds(bytes, factsOf(bytes), decision.decision_id)],
  ]);
}

/** What is wrong with the entry itself: its bytes are not those that were appended, or say something else. */
export async function entryFaults(record: Schema<"DecisionRecord">): Promise<Check[]> {
  const found = await checked(entrySteps(record));
  return found.filter((check) => !check.holds);
}

function entrySteps({ proof, decision }: Schema<"DecisionRecord">): Step[] {
  const bytes = fromBase64(proof.entry);
  return [
    ["The entry says what this page says", async () => entrySays(factsOf(bytes), decision)],
    ["Its leaf hash", () => leafHolds(bytes, proof)],
    ["It is in the tree", () => isIncluded(bytes, proof)],
  ];
}

async function checked(steps: readonly Step[]): Promise<Check[]> {
  const found: Check[] = [];
  for (const [title, run] of steps) {
    try {
      found.push({ title, ...(await run()) });
    } catch (error) {
      found.push({ title, holds: false, says: error instanceof Error ? error.message : String(error) });
    }
  }
  return found;
}

type Facts = ReadonlyMap<string, Canonical>;

function factsOf(bytes: Uint8Array<ArrayBuffer>): Facts {
  const entry = decoded(bytes);
  const facts = entry instanceof Map ? entry.get("facts") : undefined;
  if (!(facts instanceof Map)) throw new Error("the entry has no facts");
  return facts;
}

function originOf(bytes: Uint8Array<ArrayBuffer>): string {
  const entry = decoded(bytes);
  return entry instanceof Map ? plain(entry.get("origin")) : "";
}

async function entrySays(facts: Facts, decision: Schema<"DecisionLine">): Promise<Omit<Check, "title">> {
  const shown: Record<string, string> = {
    decision_id: decision.decision_id,
    account_id: decision.account_id,
    principal: decision.principal,
    symbol: decision.symbol,
    proposed_order_shares: String(decision.proposed_order_shares),
    order_shares: String(decision.order_shares),
    verdict: decision.verdict,
    action: decision.action,
    policy_digest: decision.policy_digest.replace("sha256:", ""),
  };
  const wrong = Object.entries(shown).filter(([name, value]) => plain(facts.get(name)) !== value);
  if (wrong.length === 0) return { holds: true, says: `${Object.keys(shown).length} facts read from the entry's own bytes.` };
  const said = wrong.map(([name, value]) => `${name} is ${plain(facts.get(name))} in the bytes and ${value} here`);
  return { holds: false, says: said.join("; ") };
}

async function leafHolds(bytes: Uint8Array<ArrayBuffer>, proof: Schema<"InclusionView">): Promise<Omit<Check, "title">> {
  const leaf = toHex(await leafHash(bytes));
  const holds = `sha256:${leaf}` === proof.leaf_hash;
  const says = holds ? `SHA-256 of a zero byte and the ${bytes.length} bytes of the entry.` : `The server says ${proof.leaf_hash}.`;
  return { holds, says, digest: leaf };
}

async function isIncluded(bytes: Uint8Array<ArrayBuffer>, proof: Schema<"InclusionView">): Promise<Omit<Check, "title">> {
  const root = await rootOf(await leafHash(bytes), proof.index, proof.size, proof.proof.map(fromBase64));
  const holds = root !== null && areEqual(root, fromHex(proof.root));
  const path = `${proof.proof.length} hashes lead from leaf ${proof.index} to the root of ${proof.size} entries`;
  return { holds, says: holds ? `${path}.` : `${path}, but not to the root that was signed.`, digest: root === null ? "" : toHex(root) };
}

async function headIsSigned(proof: Schema<"InclusionView">, origin: string, verifierKey: string): Promise<Omit<Check, "title">> {
  if (proof.checkpoint === null) {
    return { holds: false, says: "No checkpoint covers this entry yet; have the server sign one (POST /internal/log/checkpoint)." };
  }
  const head = checkpointOf(proof.checkpoint);
  if (head.size !== proof.size || !areEqual(head.root, fromHex(proof.root))) {
    return { holds: false, says: `The checkpoint is of another tree: ${head.size} entries, root ${toHex(head.root)}.` };
  }
  if (head.origin !== origin) return { holds: false, says: `The checkpoint is of the log ${head.origin}, the entry of ${origin}.` };
  const holds = await isHeadOf(proof.checkpoint, verifierKey);
  const key = verifierKey.split("+").slice(0, 2).join("+");
  return { holds, says: holds ? `Ed25519 signature by ${key} over ${head.origin}, ${head.size} entries.` : `${key} did not sign it as a head of the log of that name.` };
}

async function traceHolds(evidence: Evidence, facts: Facts): Promise<Omit<Check, "title">> {
  const { digest, count } = await traceCheck(evidence);
  const said = plain(facts.get("trace_digest"));
  const holds = toHex(digest) === said;
  const how = evidence.is_salted ? `the root over ${count} salted commitments` : `${count} packed values`;
  return { holds, says: holds ? `Head and ${how} hash to what the entry says.` : `The entry says ${said}.`, digest: toHex(digest) };
}

async function idHolds(bytes: Uint8Array<ArrayBuffer>, facts: Facts, decisionId: string): Promise<Omit<Check, "title">> {
  const parts = [ascii(originOf(bytes)), fromHex(plain(facts.get("trace_digest"))), ascii(plain(facts.get("principal"))), ascii(plain(facts.get("key")))];
  const hashed = parts.flatMap((part) => [sized(part.length), part]);
  const found = toHex(await sha256(joined(ascii("assay/1/decision\0"), ...hashed)));
  const holds = found === decisionId;
  return { holds, says: holds ? "A digest of origin, trace, principal and idempotency key." : `This page says ${decisionId}.`, digest: found };
}
