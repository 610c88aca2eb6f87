/**
 * Server-sent events with a token, which EventSource cannot send: read as a stream, resumed with Last-Event-ID.
 *
 *     const stop = followed("/api/v1/jobs/…/events", ({ kind, data }) => …);
 */
import { fetched, isAborted } from "./api";
import { asProblem, type Problem } from "./problem";

export interface ServerEvent {
  kind: string;
  id: string;
  data: unknown;
}

const RETRY_MS = 1000;
const MAX_RETRY_MS = 5_000;

/** Follow a stream until it is stopped; a broken connection is taken up again where it broke. Returns how to stop. */
export function followed(
  path: string,
  onEvent: (event: ServerEvent) => void,
  onProblem: (problem: Problem | null) => void = () => undefined,
  { last = "", untilKinds = [] }: { last?: string; untilKinds?: readonly string[] } = {},
): () => void {
  const stopped = new AbortController();
  void follow();
  return () => stopped.abort();

  async function follow(): Promise<void> {
    let wait = RETRY_MS;
    while (!stopped.signal.aborted) {
      let retryAt = 0;
      try {
        const headers: Record<string, string> = { accept: "text/event-stream" };
        if (last) headers["last-event-id"] = last;
        const response = await fetched(path, { headers, signal: stopped.signal });
        onProblem(null);
        wait = RETRY_MS;
        for await (const event of eventsOf(response)) {
          if (event.id) last = event.id;
          if (event.kind) onEvent(event);
          if (untilKinds.includes(event.kind)) return stopped.abort();
        }
      } catch (error) {
        if (isAborted(error) || stopped.signal.aborted) return;
        const problem = asProblem(error);
        onProblem(problem);
        retryAt = problem.retryAt ?? 0;
        if (!problem.isPassing && problem.kind !== "console") return;
      }
      await new Promise((resolve) => setTimeout(resolve, Math.max(wait, retryAt - Date.now())));
      wait = Math.min(wait * 2, MAX_RETRY_MS);
    }
  }
}

async function* eventsOf(response: Response): AsyncGenerator<ServerEvent> {
  if (response.body === null) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    const blocks = text.split(/\r?\n\r?\n/);
    text = blocks.pop() ?? "";
    for (const block of blocks) yield eventOf(block);
  }
}

function eventOf(block: string): ServerEvent {
  let kind = "";
  let id = "";
  const data: string[] = [];
  for (const line of block.split(/\r?\n/)) {
    const [, name = "", rest = ""] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
    if (name === "event") kind = rest;
    else if (name === "id") id = rest;
    else if (name === "data") data.push(rest);
  }
  const joined = data.join("\n");
  if (!joined) return { kind: "", id, data: null };
  try {
    return { kind: kind || "message", id, data: JSON.parse(joined) as unknown };
  } catch {
    return { kind: kind || "message", id, data: joined };
  }
}
