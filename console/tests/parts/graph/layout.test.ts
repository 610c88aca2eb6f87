import { describe, expect, test } from "vitest";

import { CARD_HEIGHT, CARD_WIDTH, type LayoutRequest, type Placed } from "../../../src/parts/graph/graph";
import { layout } from "../../../src/parts/graph/layout";

const STAGES = ["data", "features", "rules"];

function chained(): LayoutRequest {
  return {
    stages: STAGES,
    nodes: [
      { id: "close", stage: "data" },
      { id: "volume", stage: "data" },
      { id: "momentum", stage: "features" },
      { id: "score", stage: "features" },
      { id: "size", stage: "rules" },
    ],
    edges: [
      { source: "close", target: "momentum" },
      { source: "momentum", target: "score" },
      { source: "volume", target: "size" },
      { source: "score", target: "size" },
    ],
  };
}

/** A graph of several stages whose edges run forward; the same for the same count. */
function large(count: number): LayoutRequest {
  const nodes = Array.from({ length: count }, (_, at) => ({ id: `n${at}`, stage: STAGES[Math.floor((3 * at) / count)] ?? "data" }));
  const edges = nodes.slice(1).flatMap((_, at) => [
    { source: `n${Math.floor(at / 2)}`, target: `n${at + 1}` },
    { source: `n${(at * 7) % (at + 1)}`, target: `n${at + 1}` },
  ]);
  return { stages: STAGES, nodes, edges };
}

function placesOf(request: LayoutRequest): Map<string, Placed> {
  return new Map(layout(request).nodes.map((place) => [place.id, place]));
}

describe("a layout", () => {
  test("has every edge run from left to right", () => {
    for (const request of [chained(), large(200)]) {
      const at = placesOf(request);
      expect(at.size).toBe(request.nodes.length);
      for (const { source, target } of request.edges) expect(at.get(source)?.x).toBeLessThan(at.get(target)?.x ?? -1);
    }
  });

  test("has no two cards over each other", () => {
    const places = [...placesOf(large(300)).values()];
    for (const [at, one] of places.entries()) {
      for (const other of places.slice(at + 1)) {
        const isApart = Math.abs(one.x - other.x) >= CARD_WIDTH || Math.abs(one.y - other.y) >= CARD_HEIGHT;
        if (!isApart) expect.fail(`${one.id} lies over ${other.id}`);
      }
    }
  });

  test("keeps the order of the stages, and leaves out those without a node", () => {
    const { bands } = layout({ ...chained(), stages: ["nothing", ...STAGES] });
    expect(bands.map((band) => band.stage)).toEqual(STAGES);
    for (const [at, band] of bands.entries()) expect(band.x).toBeGreaterThan(at === 0 ? -1 : (bands[at - 1]?.x ?? 0) + (bands[at - 1]?.width ?? 0));
  });

  test("puts a stage that nobody listed behind the others, and loses no node of it", () => {
    const request = chained();
    const { bands, nodes } = layout({ ...request, nodes: [...request.nodes, { id: "odd", stage: "unheard of" }] });
    expect(bands.at(-1)?.stage).toBe("unheard of");
    expect(nodes.map((node) => node.id)).toContain("odd");
  });

  test("is the same whenever it is asked for", () => {
    expect(layout(large(120))).toEqual(layout(large(120)));
  });

  test("ends although edges go round in a circle, lead to nobody or to themselves", () => {
    const circle = [
      { source: "momentum", target: "score" },
      { source: "score", target: "momentum" },
      { source: "score", target: "score" },
      { source: "score", target: "nobody" },
    ];
    expect(layout({ ...chained(), edges: circle }).nodes).toHaveLength(5);
  });

  test("of nothing is nothing", () => {
    expect(layout({ nodes: [], edges: [], stages: STAGES }).nodes).toEqual([]);
  });

  test("crosses fewer edges than the order that the nodes came in", () => {
    const pairs = Array.from({ length: 12 }, (_, at) => at);
    const nodes = [...pairs.map((at) => ({ id: `a${at}`, stage: "data" })), ...pairs.toReversed().map((at) => ({ id: `b${at}`, stage: "rules" }))];
    const edges = pairs.map((at) => ({ source: `a${at}`, target: `b${at}` }));
    const at = placesOf({ nodes, edges, stages: STAGES });
    for (const one of edges) {
      for (const other of edges) {
        const begins = (at.get(one.source)?.y ?? 0) - (at.get(other.source)?.y ?? 0);
        const ends = (at.get(one.target)?.y ?? 0) - (at.get(other.target)?.y ?? 0);
        expect(begins * ends).toBeGreaterThanOrEqual(0);
      }
    }
  });
});
