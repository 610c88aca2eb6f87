/**
 * Reads the canonical bytes in which the log's entries are written (docs: ADR 0001): a tag of one byte, then a body of
 * fixed or length-prefixed parts. Numbers beyond what a double holds stay bigint; instants are nanoseconds.
 */
import { toHex, type Bytes } from "./bytes";

export type Canonical = null | boolean | number | bigint | string | Bytes | readonly Canonical[] | ReadonlyMap<string, Canonical>;

const text = new TextDecoder("utf-8", { fatal: true });

export function decoded(bytes: Bytes): Canonical {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  if (reader.at !== bytes.length) throw new Error(`${bytes.length - reader.at} bytes follow the value`);
  return value;
}

class Reader {
  at = 0;
  readonly #bytes: Bytes;
  readonly #view: DataView;

  constructor(bytes: Bytes) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  value(depth: number): Canonical {
    if (depth > 64) throw new Error("nested too deeply");
    const tag = String.fromCharCode(this.#byte());
    switch (tag) {
      case "N": return null;
      case "T": return true;
      case "F": return false;
      case "D": return this.#view.getFloat64(this.#skip(8));
      case "I":
      case "@": return this.#long();
      case "d": return this.#view.getInt32(this.#skip(4));
      case "U": return text.decode(this.#part());
      case "Y": return this.#part();
      case "M": return this.#decimal();
      case "E":
      case "X": return [this.value(depth + 1), this.value(depth + 1)];
      case "L":
      case "Q": return Array.from({ length: this.#length() }, () => this.value(depth + 1));
      case "S": return this.#struct(depth);
      default: throw new Error(`the tag ${JSON.stringify(tag)} at byte ${this.at - 1} is not read here`);
    }
  }

  #byte(): number {
    return this.#view.getUint8(this.#skip(1));
  }

  #skip(length: number): number {
    const from = this.at;
    this.at += length;
    if (this.at > this.#bytes.length) throw new Error(`the bytes end at ${this.#bytes.length}`);
    return from;
  }

  #long(): number | bigint {
    const found = this.#view.getBigInt64(this.#skip(8));
    const plain = Number(found);
    return Number.isSafeInteger(plain) ? plain : found;
  }

  #length(): number {
    const found = this.#view.getBigUint64(this.#skip(8));
    if (found > BigInt(this.#bytes.length)) throw new Error(`a length of ${found} is more than there is`);
    return Number(found);
  }

  #part(): Bytes {
    const length = this.#length();
    const from = this.#skip(length);
    return this.#bytes.slice(from, from + length);
  }

  #decimal(): string {
    const sign = String.fromCharCode(this.#byte());
    const exponent = Number(this.#view.getBigInt64(this.#skip(8)));
    const digits = text.decode(this.#part());
    const whole = exponent >= 0 ? digits + "0".repeat(exponent) : pointed(digits, -exponent);
    return (sign === "-" ? "-" : "") + whole;
  }

  #struct(depth: number): ReadonlyMap<string, Canonical> {
    const found = new Map<string, Canonical>();
    const length = this.#length();
    for (let n = 0; n < length; n += 1) {
      const name = this.value(depth + 1);
      if (typeof name !== "string") throw new Error("a struct has a name that is no text");
      found.set(name, this.value(depth + 1));
    }
    return found;
  }
}

function pointed(digits: string, places: number): string {
  const padded = digits.padStart(places + 1, "0");
  return `${padded.slice(0, -places)}.${padded.slice(-places)}`;
}

/** What an entry says under a name, as the API writes it: bytes as digests or bare digits, days as dates. */
export function plain(value: Canonical | undefined): string {
  if (value === undefined) return "";
  if (value instanceof Uint8Array) return toHex(value);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
