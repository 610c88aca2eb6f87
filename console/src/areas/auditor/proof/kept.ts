/**
 * What this browser keeps of the log, so that the server cannot tell it something else tomorrow: the verifier key that
 * a person entered, and the heads that were seen.
 */
const KEY = "assay.verifier-key";
const HEADS = "assay.heads";
const MAX_HEADS = 20;

export interface SeenHead {
  origin: string;
  size: number;
  /** Hexadecimal. */
  root: string;
  /** When it was first seen, RFC 3339. */
  seenAt: string;
}

export function keptKey(): string {
  return localStorage.getItem(KEY) ?? "";
}

export function keepKey(text: string): void {
  if (text.trim()) localStorage.setItem(KEY, text.trim());
  else localStorage.removeItem(KEY);
}

export function seenHeads(origin: string): SeenHead[] {
  return all().filter((head) => head.origin === origin);
}

/** Keep a head that was seen, unless one of its size is kept; the oldest ones stay, since they hold the log to most. */
export function keepHead(head: SeenHead): void {
  const heads = all();
  if (heads.some((each) => each.origin === head.origin && each.size === head.size)) return;
  const kept = [...heads, head].sort((one, other) => one.size - other.size);
  while (kept.length > MAX_HEADS) kept.splice(Math.floor(kept.length / 2), 1);
  localStorage.setItem(HEADS, JSON.stringify(kept));
}

function all(): SeenHead[] {
  try {
    return JSON.parse(localStorage.getItem(HEADS) ?? "[]") as SeenHead[];
  } catch {
    return [];
  }
}
