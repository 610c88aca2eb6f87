import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, expect, test } from "vitest";

import { followed, type ServerEvent } from "../../src/client/events";
import type { Problem } from "../../src/client/problem";

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A server that answers each connection in its turn, and its address. */
async function serving(...answers: ((request: IncomingMessage, response: ServerResponse) => void)[]): Promise<string> {
  let turn = 0;
  server = createServer((request, response) => answers[Math.min(turn++, answers.length - 1)]?.(request, response));
  const listening = server.listen(0, "127.0.0.1");
  await new Promise((resolve) => listening.once("listening", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`;
}

/** Everything that is told until an event of the kind `end`, and every problem on the way. */
function told(path: string): Promise<{ events: ServerEvent[]; problems: (Problem | null)[] }> {
  const [events, problems]: [ServerEvent[], (Problem | null)[]] = [[], []];
  return new Promise((resolve) => {
    const onEvent = (event: ServerEvent): void => {
      events.push(event);
      if (event.kind === "end") resolve({ events, problems });
    };
    const onProblem = (problem: Problem | null): void => {
      problems.push(problem);
      if (problem?.kind === "not-found") resolve({ events, problems });
    };
    followed(path, onEvent, onProblem, { untilKinds: ["end"] });
  });
}

function streamed(response: ServerResponse, ...pieces: (string | Uint8Array)[]): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.flushHeaders();
  pieces.forEach((piece, at) => setTimeout(() => response.write(piece), 5 * at));
}

test("events are read although their bytes come in pieces, in the midst of a letter and of a line's end", async () => {
  const bytes = new TextEncoder().encode('event: job\r\nid: 7\r\ndata: {"what":"Zürich"}\r\n\r\n');
  const cut = bytes.indexOf(0xc3) + 1;
  const path = await serving((_, response) => streamed(response, bytes.slice(0, 5), bytes.slice(5, cut), bytes.slice(cut, -3), bytes.slice(-3), "event: end\ndata: 0\n\n"));
  const { events } = await told(path);
  expect(events[0]).toEqual({ kind: "job", id: "7", data: { what: "Zürich" } });
});

test("comments keep the line open, several lines of data are one, and what is no JSON is text", async () => {
  const path = await serving((_, response) => streamed(response, ": still here\n\nretry: 5\n\ndata: one\ndata: two\n\ndata:3\n\nevent: end\ndata: 0\n\n"));
  const { events } = await told(path);
  expect(events.map(({ kind, data }) => [kind, data])).toEqual([["message", "one\ntwo"], ["message", 3], ["end", 0]]);
});

test("a broken stream is taken up where it broke, and said to be broken meanwhile", async () => {
  const asked: (string | undefined)[] = [];
  const path = await serving(
    (request, response) => {
      asked.push(request.headers["last-event-id"] as string | undefined);
      streamed(response, "id: 41\ndata: 1\n\n");
      setTimeout(() => response.destroy(), 40);
    },
    (request, response) => {
      asked.push(request.headers["last-event-id"] as string | undefined);
      streamed(response, "id: 42\nevent: end\ndata: 2\n\n");
    },
  );
  const { events, problems } = await told(path);
  expect(asked).toEqual([undefined, "41"]);
  expect(events.map((event) => event.id)).toEqual(["41", "42"]);
  expect(problems.map((problem) => problem === null)).toEqual([true, false, true]);
});

test("a refusal that does not pass ends it", async () => {
  let asked = 0;
  const path = await serving((_, response) => {
    asked += 1;
    response.writeHead(404, { "content-type": "application/problem+json" });
    response.end(JSON.stringify({ type: "/problems/not-found", title: "Not found", detail: "no such job", mend: "" }));
  });
  const { events, problems } = await told(path);
  expect([events, problems.map((problem) => problem?.kind), asked]).toEqual([[], ["not-found"], 1]);
});
