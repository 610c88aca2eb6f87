/**
 * Places the nodes of a graph in stages from left to right, so that edges run forward and cross seldom.
 *
 * A stage is as many columns wide as its own longest chain; within it a node stands one column right of what it reads.
 * Rows are ordered by sweeping over the columns, each node towards the middle of its neighbours (Sugiyama, Tagawa and
 * Toda 1981, the barycentre method). The same graph is always placed the same way.
 */
import { CARD_HEIGHT, CARD_WIDTH, type Band, type GraphEdge, type Layout, type LayoutRequest, type Placed } from "./graph";

const COLUMN_GAP = 28;
const BAND_GAP = 56;
const ROW_GAP = 10;
const MAX_ROWS = 30;
const SWEEPS = 6;

export function layout({ nodes, edges, stages }: LayoutRequest): Layout {
  const stageOf = new Map(nodes.map((node) => [node.id, node.stage]));
  const known = edges.filter(({ source, target }) => stageOf.has(source) && stageOf.has(target) && source !== target);
  const columns = columnsOf(nodes, known, stageOf, stages);
  order(columns.map((column) => column.ids), known);
  return placed(columns);
}

interface Column {
  stage: string;
  ids: string[];
}

function columnsOf(
  nodes: LayoutRequest["nodes"],
  edges: readonly GraphEdge[],
  stageOf: ReadonlyMap<string, string>,
  stages: readonly string[],
): Column[] {
  const inner = edges.filter(({ source, target }) => stageOf.get(source) === stageOf.get(target));
  const rank = ranks(nodes.map((node) => node.id), inner);
  const used = [...new Set([...stages, ...stageOf.values()])];
  return used.flatMap((stage) => {
    const rows = new Map<number, string[]>();
    for (const { id } of nodes) {
      if (stageOf.get(id) !== stage) continue;
      const at = rank.get(id) ?? 0;
      rows.set(at, [...(rows.get(at) ?? []), id]);
    }
    const ranked = [...rows].sort(([one], [other]) => one - other);
    return ranked.flatMap(([, ids]) => pieces(ids).map((piece) => ({ stage, ids: piece })));
  });
}

/** How long the longest chain is that leads to each node; an edge that closes a circle counts as none. */
function ranks(ids: readonly string[], edges: readonly GraphEdge[]): ReadonlyMap<string, number> {
  const reads = grouped(edges, "target", "source");
  const found = new Map<string, number>();
  const open = new Set<string>();
  const visit = (id: string): number => {
    const known = found.get(id);
    if (known !== undefined) return known;
    if (open.has(id)) return -1;
    open.add(id);
    const rank = Math.max(-1, ...(reads.get(id) ?? []).map(visit)) + 1;
    open.delete(id);
    found.set(id, rank);
    return rank;
  };
  for (const id of ids) visit(id);
  return found;
}

/** A column that is too high is split into several beside each other. */
function pieces(ids: readonly string[]): string[][] {
  const count = Math.ceil(ids.length / MAX_ROWS);
  const size = Math.ceil(ids.length / count);
  return Array.from({ length: count }, (_, at) => ids.slice(at * size, (at + 1) * size));
}

/** Sort the rows of every column in place. */
function order(columns: string[][], edges: readonly GraphEdge[]): void {
  const before = grouped(edges, "target", "source");
  const after = grouped(edges, "source", "target");
  const place = new Map<string, number>();
  const note = (column: readonly string[]): void =>
    column.forEach((id, row) => place.set(id, (row + 0.5) / column.length));
  columns.forEach(note);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const forward = sweep % 2 === 0;
    for (const column of forward ? columns : columns.toReversed()) {
      const neighbours = forward ? before : after;
      const middle = new Map(column.map((id) => [id, mean((neighbours.get(id) ?? []).map((each) => place.get(each) ?? 0.5), place.get(id) ?? 0.5)]));
      column.sort((one, other) => (middle.get(one) ?? 0) - (middle.get(other) ?? 0));
      note(column);
    }
  }
}

function placed(columns: readonly Column[]): Layout {
  const rows = Math.max(1, ...columns.map((column) => column.ids.length));
  const pitch = CARD_HEIGHT + ROW_GAP;
  const height = rows * pitch - ROW_GAP;
  const nodes: Placed[] = [];
  const bands: Band[] = [];
  let x = 0;
  for (const { stage, ids } of columns) {
    const last = bands.at(-1);
    if (last?.stage === stage) last.width = x + CARD_WIDTH - last.x;
    else {
      if (last !== undefined) x += BAND_GAP - COLUMN_GAP;
      bands.push({ stage, x, width: CARD_WIDTH });
    }
    const top = (height - (ids.length * pitch - ROW_GAP)) / 2;
    ids.forEach((id, row) => nodes.push({ id, x, y: top + row * pitch }));
    x += CARD_WIDTH + COLUMN_GAP;
  }
  return { nodes, bands, height };
}

function grouped(edges: readonly GraphEdge[], by: keyof GraphEdge, what: keyof GraphEdge): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const edge of edges) {
    const list = found.get(edge[by]);
    if (list === undefined) found.set(edge[by], [edge[what]]);
    else list.push(edge[what]);
  }
  return found;
}

function mean(values: readonly number[], otherwise: number): number {
  return values.length === 0 ? otherwise : values.reduce((sum, value) => sum + value, 0) / values.length;
}
