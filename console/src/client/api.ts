/**
 * The API as the console calls it. Paths, parameters and answers are typed by what the server's OpenAPI document says
 * (`schema.d.ts`, generated before every build): a call that the server would not understand does not compile.
 *
 *     const { data, etag } = await answered(api.GET("/internal/policy", { signal }));
 *     await answered(api.POST("/internal/policy/rollback", { body, headers: ifMatch(etag) }));
 *
 * Whatever is no success is thrown as a `Problem`.
 */
import createClient, { type Middleware } from "openapi-fetch";
import type { Readable } from "openapi-typescript-helpers";

import { session } from "../app/session.svelte";
import { asProblem, problemOf } from "./problem";
import type { components, paths } from "./schema";

/** The server's types by name, as answers have them: `Schema<"DecisionLine">`. */
export type Schema<Name extends keyof components["schemas"]> = Readable<components["schemas"][Name]>;

const signedIn: Middleware = {
  onRequest({ request }) {
    authorize(request.headers);
    return request;
  },
  onResponse({ response }) {
    if (response.status === 401) session.expire();
    return response;
  },
};

export const api = createClient<paths>({
  baseUrl: location.origin,
  headers: { accept: "application/json" },
  querySerializer: { array: { style: "form", explode: true } },
});
api.use(signedIn);

export interface Answered<T> {
  data: T;
  /** The entity tag of what was answered; null where there is none. Send it back as If-Match. */
  etag: string | null;
  response: Response;
}

interface Outcome<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** What a call was answered with. Throws the Problem when it was refused or not answered at all. */
export async function answered<T>(call: Promise<Outcome<T>>): Promise<Answered<NonNullable<T>>> {
  const { data, error, response } = await call.catch((failure: unknown) => {
    throw isAborted(failure) ? failure : asProblem(failure);
  });
  if (!response.ok) throw await problemOf(replayed(response, error));
  return { data: data as NonNullable<T>, etag: response.headers.get("etag"), response };
}

/** The data alone of what a call was answered with. */
export async function dataOf<T>(call: Promise<Outcome<T>>): Promise<NonNullable<T>> {
  return (await answered(call)).data;
}

/** Fetch something that is not JSON, or whose path is data (a link in an answer), with the token. */
export async function fetched(path: string, options: RequestInit = {}): Promise<Response> {
  const headers = new Headers(options.headers);
  authorize(headers);
  const response = await fetch(path, { ...options, headers }).catch((failure: unknown) => {
    throw isAborted(failure) ? failure : asProblem(failure);
  });
  if (response.status === 401) session.expire();
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** The precondition under which a change is made: that nobody changed the thing meanwhile. */
export function ifMatch(etag: string | null): Record<string, string> {
  return etag === null ? {} : { "if-match": etag };
}

/** A key for one order or one other thing that must not happen twice; keep it over retries of the same. */
export function idempotencyKey(): string {
  return `console-${crypto.randomUUID()}`;
}

/** Give a file to the person: the browser saves it. */
export function saved(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export function isAborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

function authorize(headers: Headers): void {
  if (session.token !== null && !headers.has("authorization")) headers.set("authorization", `Bearer ${session.token}`);
}

/** The client has read the body of a refusal; `problemOf` wants to read it too. */
function replayed(response: Response, error: unknown): Response {
  const text = typeof error === "string" ? error : JSON.stringify(error ?? null);
  const copy = new Response(text, { status: response.status, headers: response.headers });
  Object.defineProperty(copy, "url", { value: response.url });
  return copy;
}
