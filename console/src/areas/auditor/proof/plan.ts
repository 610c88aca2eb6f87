/**
 * The plan of a trace, read from the manifest whose digest the trace's head has: which values there are, in which order,
 * and how each is written. What a value is called is thereby bound by the trace digest, like the value itself.
 */
import type { Schema } from "../../../client/api";
import { areEqual, ascii, fromBase64, joined, sha256, sized, type Bytes } from "./bytes";
import { decoded, plain, type Canonical } from "./canonical";

export type Evidence = Schema<"TraceEvidence">;
export type Form = Evidence["passes"][number]["values"][number]["form"];

export interface PlanValue {
  key: string;
  form: Form;
}

export interface TracePlan {
  /** The values of the final pass and of the one at the proposed size, each in the order of the plan. */
  passes: readonly (readonly PlanValue[])[];
  /** Numbers of the policy by key. */
  constants: ReadonlyMap<string, Canonical>;
  /** Keys of rules that do not judge an order which reduces risk. */
  skipping: ReadonlySet<string>;
}

type Struct = ReadonlyMap<string, Canonical>;

const SCHEME = joined(ascii("assay/1/trace\0"), Uint8Array.of(3));
const CONSTANTS: readonly string[] = ["parameter", "limit"];
const FORMS: Readonly<Record<string, Form>> = { float: "float", int: "int", bool: "bool", str: "text", Decimal: "decimal" };

export async function planOf(evidence: Evidence): Promise<TracePlan> {
  const manifest = fromBase64(evidence.manifest);
  const said = headSays(fromBase64(evidence.head), evidence.is_salted).get("plan_digest");
  const found = await sha256(joined(ascii("assay/1/plan\0"), sized(manifest.length), manifest));
  if (!(said instanceof Uint8Array) || !areEqual(found, said)) throw new Error("the manifest is not that of the plan which the trace's head names");
  const plan = struct(decoded(manifest));
  const nodes = list(plan.get("nodes")).map(struct);
  const isConstant = (node: Struct): boolean => CONSTANTS.includes(plain(node.get("kind")));
  const computed = nodes.filter((node) => !isConstant(node));
  const rules = list(plan.get("rules")).map(struct);
  return {
    passes: [computed, computed.filter((node) => node.get("is_sized") === true)].map((pass) => pass.map(valueOf)),
    constants: new Map(nodes.filter(isConstant).map((node) => [keyOf(node, "name"), node.get("value") ?? null])),
    skipping: new Set(rules.filter((rule) => rule.get("skips_reducing") === true).map((rule) => keyOf(rule, "node"))),
  };
}

/** What the head of a trace says: scheme, packed or salted, a struct with its length, an instant, digests of 32 bytes. */
function headSays(head: Bytes, isSalted: boolean): Struct {
  const start = SCHEME.length + 1;
  const letter = isSalted ? "S" : "P";
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  if (!areEqual(head.slice(0, start), joined(SCHEME, ascii(letter)))) throw new Error("the head is of no trace that is read here");
  const length = Number(view.getBigUint64(start));
  const cites = start + 8 + length + 8;
  if (cites + 4 > head.length || head.length !== cites + 4 + 32 * view.getUint32(cites)) throw new Error("the head has another length than it says");
  return struct(decoded(head.slice(start + 8, start + 8 + length)));
}

function valueOf(node: Struct): PlanValue {
  const form = node.get("kind") === "rule" ? "rule" : (FORMS[plain(node.get("base"))] ?? "canonical");
  return { key: keyOf(node, "name"), form };
}

function keyOf(found: Struct, name: string): string {
  return `order.${plain(found.get(name))}`;
}

function struct(value: Canonical | undefined): Struct {
  if (!(value instanceof Map)) throw new Error("the plan is not of the form that is read here");
  return value;
}

function list(value: Canonical | undefined): readonly Canonical[] {
  if (!Array.isArray(value)) throw new Error("the plan is not of the form that is read here");
  return value;
}
