/** What went wrong, as the server says it (RFC 9457), or as we say it when the server says nothing. */
export interface FieldFault {
  where: string;
  what: string;
}

export interface PolicyFault {
  text: string;
  [member: string]: unknown;
}

export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    /** The kind's name: `not-found`; `unreachable` when nothing answered. */
    readonly kind: string,
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly mend: string,
    readonly traceId = "",
    readonly errors: readonly FieldFault[] = [],
    readonly faults: readonly PolicyFault[] = [],
    /** Every member of the answer, for problems that carry more. */
    readonly members: Readonly<Record<string, unknown>> = {},
    /** Before when it is not to be asked again, as the server said (Retry-After); milliseconds since 1970. */
    readonly retryAt: number | null = null,
  ) {
    super(`${title}: ${detail}`);
  }

  get isPassing(): boolean {
    return this.kind === "unreachable" || this.status === 503 || this.status === 429;
  }
}

/** The problem that an answer of the server is. */
export async function problemOf(response: Response): Promise<Problem> {
  const text = await response.text().catch(() => "");
  const retryAt = retryAtOf(response.headers);
  try {
    const said = JSON.parse(text) as Record<string, unknown>;
    if (typeof said.type !== "string") throw new TypeError("no problem detail");
    return new Problem(
      said.type.replace(/^\/problems\//, ""),
      response.status,
      String(said.title ?? ""),
      String(said.detail ?? ""),
      String(said.mend ?? ""),
      String(said.trace_id ?? ""),
      (said.errors as FieldFault[] | undefined) ?? [],
      (said.faults as PolicyFault[] | undefined) ?? [],
      said,
      retryAt,
    );
  } catch {
    const detail = `It answered ${response.status} to ${new URL(response.url).pathname}, and said no more.`;
    const mend = retryAt === null ? "Look for the request in its logs." : "Wait as long as it says; then try again.";
    return new Problem("unknown", response.status, "The server refused", detail, mend, "", [], [], {}, retryAt);
  }
}

/** When a server that said so may be asked again; it says a number of seconds, or a date. */
function retryAtOf(headers: Headers): number | null {
  const text = headers.get("retry-after");
  if (text === null) return null;
  const at = /^\d+$/.test(text.trim()) ? Date.now() + 1000 * Number(text) : Date.parse(text);
  return Number.isNaN(at) ? null : at;
}

/** The problem that a failure of any kind is. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof TypeError && /fetch|network|load/i.test(error.message)) {
    const mend = "Check that it runs and that this machine reaches it; then try again.";
    return new Problem("unreachable", 0, "The server does not answer", "The connection failed or was cut.", mend);
  }
  const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new Problem("console", 0, "The console failed", detail, "Load the page again; if it stays, report this text.");
}
