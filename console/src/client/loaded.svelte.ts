/**
 * Something that a page shows and the server has: asked for when the page opens, again when what it depends on changes,
 * again when somebody signs in, and again when a server that had no time for it said so (Retry-After), not before. Old data stays visible, marked as such, while newer is asked for or cannot be had,
 * but only to the person that it was answered to: another one never sees it, nor does who may not read it any more.
 *
 *     const decisions = loaded((signal) => dataOf(api.GET("/internal/decisions", { params: { query }, signal })));
 *
 * Show it with `<Loads from={decisions}>`.
 */
import { untrack } from "svelte";

import { session } from "../app/session.svelte";
import { isAborted } from "./api";
import { asProblem, type Problem } from "./problem";

/** Forbidden, or not there for who asks: what was answered before is not theirs to see any more. */
const WITHHELD: readonly number[] = [403, 404];

export class Loaded<T> {
  value = $state.raw<T | undefined>();
  problem = $state.raw<Problem | undefined>();
  isLoading = $state(false);
  /** When the value was answered; milliseconds since 1970. */
  loadedAt = $state<number | undefined>();
  #asking: AbortController | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;
  #reader: string | undefined;
  readonly #ask: (signal: AbortSignal) => Promise<T>;

  constructor(ask: (signal: AbortSignal) => Promise<T>) {
    this.#ask = ask;
  }

  /** Ask (again). What was asked before is forgotten. */
  reload = async (): Promise<void> => {
    this.stop();
    const asking = new AbortController();
    this.#asking = asking;
    untrack(() => this.#read(session.identity?.name));
    let answer: Promise<T>;
    try {
      answer = this.#ask(asking.signal); // what it reads before its first await is what it depends on
    } catch (error) {
      answer = Promise.reject(error);
    }
    untrack(() => (this.isLoading = true));
    try {
      const value = await answer;
      if (asking.signal.aborted) return;
      this.value = value;
      this.problem = undefined;
      this.loadedAt = Date.now();
    } catch (error) {
      if (asking.signal.aborted || isAborted(error)) return;
      this.problem = asProblem(error);
      if (WITHHELD.includes(this.problem.status)) this.#forget();
      if (this.problem.retryAt !== null) this.#askAgainAt(this.problem.retryAt);
    }
    this.isLoading = false;
  };

  /** Whether the server said when it is to be asked again, and that instant has not come. */
  get isWaiting(): boolean {
    return this.#again !== undefined;
  }

  #askAgainAt(instant: number): void {
    this.#again = setTimeout(() => untrack(this.reload), Math.max(0, instant - Date.now()));
  }

  #read(reader: string | undefined): void {
    if (reader === this.#reader) return;
    this.#reader = reader;
    this.#forget();
    this.problem = undefined;
  }

  #forget(): void {
    this.value = undefined;
    this.loadedAt = undefined;
  }

  stop = (): void => {
    this.#asking?.abort();
    this.#asking = undefined;
    clearTimeout(this.#again);
    this.#again = undefined;
  };
}

export interface LoadedOptions {
  /** Ask again this often while the tab is visible. */
  everyMs?: number;
}

/** Called while a component is made; what `ask` reads before its first await makes it ask again. */
export function loaded<T>(ask: (signal: AbortSignal) => Promise<T>, { everyMs }: LoadedOptions = {}): Loaded<T> {
  const found = new Loaded(ask);
  $effect(() => {
    void session.epoch;
    void found.reload();
    const timer = everyMs === undefined ? undefined : setInterval(() => document.hidden || session.hasExpired || found.isWaiting || untrack(found.reload), everyMs);
    return () => {
      clearInterval(timer);
      found.stop();
    };
  });
  return found;
}
