/**
 * A trace's digest, computed again from the bytes that were hashed, and every value read from those same bytes.
 * The layout of packed values and the commitments are those of the engine's packing and salts.
 */
import { fromBase64, joined, sha256, sized, type Bytes } from "./bytes";
import type { Canonical } from "./canonical";
import { planOf, type Evidence, type Form, type PlanValue } from "./plan";

export type { Evidence } from "./plan";
type Pass = Evidence["passes"][number];

/** A value as its bytes say; null when it is absent. Canonical bytes are left as they are. */
export type Read = number | bigint | boolean | string | Bytes | null;

const SLOT = 8;
const SALTED_HEAD = 8 + 16;
const WIDTH = 256;
const RULE: readonly string[] = ["fails", "holds", "unknown"];
const text = new TextDecoder();

export interface TraceCheck {
  digest: Bytes;
  /** Values of the final pass by key. */
  values: ReadonlyMap<string, Read>;
  /** Values at the proposed size by key; those of the final pass where the order was not cut. */
  proposed: ReadonlyMap<string, Read>;
  /** Keys of the values that are outcomes of rules. */
  rules: ReadonlySet<string>;
  /** Keys of rules that do not judge an order which reduces risk. */
  skipping: ReadonlySet<string>;
  /** Numbers of the policy by key. */
  constants: ReadonlyMap<string, Read>;
  count: number;
}

export async function traceCheck(evidence: Evidence): Promise<TraceCheck> {
  const plan = await planOf(evidence);
  const hashed: Bytes[] = [fromBase64(evidence.head)];
  const passes: Map<string, Read>[] = [];
  for (const [number, pass] of evidence.passes.entries()) {
    const named = plan.passes[number] ?? [];
    if (pass.values.length !== named.length) throw new Error(`pass ${number} has ${pass.values.length} values, the plan ${named.length}`);
    const read = evidence.is_salted ? await committed(pass, named, hashed) : packed(pass, named, hashed);
    passes.push(new Map(named.map(({ key }, at) => [key, read[at] ?? null])));
  }
  const [values = new Map<string, Read>(), sizedValues = new Map<string, Read>()] = passes;
  return {
    digest: await sha256(joined(...hashed)),
    values,
    proposed: new Map([...values, ...sizedValues]),
    rules: new Set(plan.passes[0]?.filter(({ form }) => form === "rule").map(({ key }) => key)),
    skipping: plan.skipping,
    constants: new Map([...plan.constants].map(([key, value]) => [key, constantOf(value)])),
    count: values.size + sizedValues.size,
  };
}

function constantOf(value: Canonical): Read {
  return value === null || typeof value !== "object" ? value : new Uint8Array();
}

/** Values under commitments: the root over them is what was hashed. */
async function committed(pass: Pass, named: readonly PlanValue[], hashed: Bytes[]): Promise<Read[]> {
  const preimages = pass.values.map((value) => fromBase64(value.preimage));
  let level = await Promise.all(preimages.map(sha256));
  while (level.length > WIDTH) level = await Promise.all(groups(level).map((group) => sha256(joined(Uint8Array.of(1), ...group))));
  hashed.push(joined(Uint8Array.of(0x20), await sha256(joined(Uint8Array.of(1), ...level))));
  return preimages.map((bytes, at) => {
    requireOwn(bytes, at);
    return bytes[1] === 1 ? null : valueOf(bytes.slice(SALTED_HEAD), named[at]?.form ?? "canonical");
  });
}

/** A commitment begins with the place of its value, so that none can stand for another. */
function requireOwn(bytes: Bytes, at: number): void {
  if (bytes[0] !== 0 || new DataView(bytes.buffer).getUint32(4) !== at) throw new Error(`value ${at} stands under the commitment of another`);
}

function groups(level: readonly Bytes[]): Bytes[][] {
  return Array.from({ length: Math.ceil(level.length / WIDTH) }, (_, at) => level.slice(at * WIDTH, (at + 1) * WIDTH));
}

/** Values in one piece: a bitmap of the absent, a slot each, then what does not fit into a slot. */
function packed(pass: Pass, named: readonly PlanValue[], hashed: Bytes[]): Read[] {
  const data = fromBase64(pass.packed);
  hashed.push(sized(data.length), data);
  const view = new DataView(data.buffer);
  const bitmap = Math.ceil(named.length / 64) * SLOT;
  let at = bitmap + named.length * SLOT;
  return named.map(({ form }, number) => {
    const place = bitmap + number * SLOT;
    const isAbsent = ((data[number >> 3] ?? 0) >> (number & 7)) & 1;
    if (isAbsent) return null;
    if (isInSlot(form)) return valueOf(data.slice(place, place + SLOT), form);
    const length = Number(view.getBigInt64(place, true));
    at += length;
    return valueOf(data.slice(at - length, at), form);
  });
}

function isInSlot(form: Form): boolean {
  return form === "float" || form === "int" || form === "bool" || form === "rule";
}

function valueOf(bytes: Bytes, form: Form): Read {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  switch (form) {
    case "float": return view.getFloat64(0, true);
    case "int": return view.getBigInt64(0, true);
    case "bool": return view.getBigInt64(0, true) === 1n;
    case "rule": return RULE[Number(view.getBigInt64(0, true))] ?? "unknown";
    case "text":
    case "decimal": return text.decode(bytes);
    case "canonical": return bytes;
  }
}

/** Whether what a page shows of a value is what its bytes say; null where the page shows it in words of its own. */
export function agrees(read: Read, exact: string, isAbsent: boolean): boolean | null {
  if (read === null || isAbsent) return (read === null) === isAbsent;
  if (read instanceof Uint8Array) return null;
  if (typeof read === "number") return Object.is(Number(exact === "nan" ? "NaN" : exact.replace(/^(-?)inf$/, "$1Infinity")), read);
  if (typeof read === "boolean") return exact.toLowerCase() === String(read);
  return String(read) === exact;
}
