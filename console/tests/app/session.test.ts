import { expect, test } from "vitest";

import { identityOf, session } from "../../src/app/session.svelte";

function token(claims: unknown): string {
  const part = btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(claims))));
  return `head.${part.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")}.signature`;
}

const CLAIMS = { sub: "Zoë ﬀ", scope: "audit:read plan:read", accounts: ["*", 7], exp: 1_800_000_000 };

test("a token says who, what for, for which accounts and until when", () => {
  expect(identityOf(token(CLAIMS))).toEqual({ name: "Zoë ﬀ", scopes: ["audit:read", "plan:read"], accounts: ["*"], expiresAt: 1_800_000_000 });
});

test.each(["", "a.b.c", "no token at all", token(null), token([]), token({ ...CLAIMS, sub: 1 }), token({ ...CLAIMS, exp: "soon" }), "ey..", "."])("%j is no token", (text) => {
  expect(identityOf(text)).toBeNull();
});

test("a session that ends keeps its pages until somebody signs in again", () => {
  session.signIn(token(CLAIMS));
  expect([session.has("audit:read"), session.has("operate"), session.hasExpired]).toEqual([true, false, false]);
  const epoch = session.epoch;
  session.expire();
  expect([session.isSignedIn, session.hasExpired]).toEqual([true, true]);
  session.signIn(token(CLAIMS));
  expect([session.hasExpired, session.epoch]).toEqual([false, epoch + 1]);
  session.signOut();
  expect([session.isSignedIn, sessionStorage.length]).toEqual([false, 0]);
  session.expire();
  expect(session.hasExpired).toBe(false);
});
