/** Whose plan, positions and orders are shown: the `account` of the address; the server's first account without it. */
import { place, to } from "../../app/place.svelte";

export function accountAsked(): string | undefined {
  return place.query.get("account") ?? undefined;
}

/** The address of a page about the same account. */
export function toOfAccount(path: string, query: Record<string, string | undefined> = {}): string {
  return to(path, { account: accountAsked(), ...query });
}
