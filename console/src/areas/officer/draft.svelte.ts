/**
 * The policy that is being written: its text, its cases, and the version that it was begun from. It stays in the tab over
 * reloads and over a session that ends, until it is handed in or thrown away.
 */
import { Draft } from "../../client/draft.svelte";

export class PolicyDraft {
  readonly text = new Draft("policy.text");
  readonly cases = new Draft("policy.cases");
  /** The digest of the active policy that it was begun from: what its changes are made for. */
  readonly base = new Draft("policy.base");

  /** The newest impact that was asked for, and the text that it is of: an approval can rest on it. */
  readonly impact = new Draft("policy.impact");
  readonly impactOf = new Draft("policy.impact-of");

  /** The impact of the text as it is now; null when there is none, or the text changed since. */
  get boundImpact(): string | null {
    return this.impact.text !== "" && this.impactOf.text === this.text.text ? this.impact.text : null;
  }

  get isBegun(): boolean {
    return this.base.text !== "";
  }

  /** Begin with the next version of a policy. */
  begin(base: string, text: string, cases: string | null): void {
    this.base.text = base;
    this.text.text = nextVersion(text, base, new Date());
    this.cases.text = cases ?? "";
  }

  /** Take another active version for the base: the head says so, the rest of the draft stays. */
  follow(base: string, text: string): void {
    const version = Number(/^version: *(\d+)/m.exec(text)?.[1] ?? 0) + 1;
    this.text.text = headed(this.text.text, version, base);
    this.base.text = base;
  }

  discard(): void {
    this.text.reset();
    this.cases.reset();
    this.base.reset();
    this.impact.reset();
    this.impactOf.reset();
  }
}

/** The head of the next version: one more, superseding the active one, in force from now on. */
function nextVersion(text: string, base: string, now: Date): string {
  const version = Number(/^version: *(\d+)/m.exec(text)?.[1] ?? 0) + 1;
  const since = `${now.toISOString().slice(0, 16)}:00Z`;
  return headed(text, version, base).replace(/^effective_from:.*$/m, `effective_from: ${since}`);
}

function headed(text: string, version: number, base: string): string {
  return text.replace(/^version:.*$/m, `version: ${version}`).replace(/^supersedes:.*$/m, `supersedes: ${base}`);
}
