/** What a browser's page has and Node has not, as far as the modules under test read it when they are loaded. */
class Kept implements Storage {
  readonly #texts = new Map<string, string>();
  [name: string]: unknown;

  get length(): number {
    return this.#texts.size;
  }

  clear(): void {
    this.#texts.clear();
  }

  getItem(key: string): string | null {
    return this.#texts.get(key) ?? null;
  }

  key(at: number): string | null {
    return [...this.#texts.keys()][at] ?? null;
  }

  removeItem(key: string): void {
    this.#texts.delete(key);
  }

  setItem(key: string, text: string): void {
    this.#texts.set(key, text);
  }
}

const address = new URL("http://assay.test/console/");

const page = {
  location: address,
  sessionStorage: new Kept(),
  localStorage: new Kept(),
  history: {
    pushState: (_state: unknown, _title: string, to: string) => void (address.href = new URL(to, address).href),
    replaceState: (_state: unknown, _title: string, to: string) => void (address.href = new URL(to, address).href),
  },
};
for (const [name, value] of Object.entries(page)) Object.defineProperty(globalThis, name, { value, configurable: true });
