/** Text that somebody writes: kept in the tab, so that neither an expired session nor a reload loses it. */
export class Draft {
  readonly #key: string;
  #text = $state("");

  constructor(name: string, initial = "") {
    this.#key = `assay.draft.${name}`;
    this.#text = sessionStorage.getItem(this.#key) ?? initial;
  }

  get text(): string {
    return this.#text;
  }

  set text(text: string) {
    this.#text = text;
    sessionStorage.setItem(this.#key, text);
  }

  get isKept(): boolean {
    return sessionStorage.getItem(this.#key) !== null;
  }

  /** Forget the draft and begin again from a text. */
  reset(text = ""): void {
    sessionStorage.removeItem(this.#key);
    this.#text = text;
  }
}
