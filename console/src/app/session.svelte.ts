/**
 * Who is at the console: the token that they pasted. It stays in this tab (sessionStorage) and goes nowhere but to the
 * server that served the console. When the server refuses it the pages stay as they are, drafts included, and the
 * console asks to sign in again on top of them.
 */
const KEY = "assay.token";

export interface Identity {
  name: string;
  scopes: readonly string[];
  accounts: readonly string[];
  /** Seconds since 1970. */
  expiresAt: number;
}

class Session {
  #token = $state.raw<string | null>(sessionStorage.getItem(KEY));
  /** The server has refused the token that was good before. */
  hasExpired = $state(false);
  /** How many times somebody signed in; what was refused is asked again when it changes. */
  epoch = $state(0);

  readonly identity: Identity | null = $derived(this.#token === null ? null : identityOf(this.#token));

  get token(): string | null {
    return this.#token;
  }

  get isSignedIn(): boolean {
    return this.#token !== null;
  }

  has(scope: string): boolean {
    return this.identity?.scopes.includes(scope) ?? false;
  }

  signIn(token: string): void {
    sessionStorage.setItem(KEY, token);
    this.#token = token;
    this.hasExpired = false;
    this.epoch += 1;
  }

  signOut(): void {
    sessionStorage.removeItem(KEY);
    this.#token = null;
    this.hasExpired = false;
  }

  expire(): void {
    this.hasExpired = this.#token !== null;
  }
}

/** What a token says of itself; null for text that is no token. Only the server can tell whether it is good. */
export function identityOf(token: string): Identity | null {
  try {
    const part = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(part), (letter) => letter.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof claims !== "object" || claims === null) return null;
    const { sub, scope, accounts, exp } = claims as Record<string, unknown>;
    if (typeof sub !== "string" || typeof scope !== "string" || typeof exp !== "number") return null;
    const covered = Array.isArray(accounts) ? accounts.filter((each) => typeof each === "string") : [];
    return { name: sub, scopes: scope.split(" ").filter(Boolean), accounts: covered, expiresAt: exp };
  } catch {
    return null;
  }
}

export const session = new Session();
