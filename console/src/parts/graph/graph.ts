/** A graph as it is given to be drawn: nodes in stages, from left to right, and which reads which. */
export interface GraphNode {
  id: string;
  /** First line: its name. */
  label: string;
  /** Second line: its value. */
  detail: string;
  /** Which stage it stands in; one of the graph's stages. */
  stage: string;
  tone?: "plain" | "pass" | "warn" | "clip" | "review" | "deny";
  /** Drawn a little stronger than the others. */
  isMarked?: boolean;
}

export interface GraphEdge {
  source: string;
  target: string;
}

export interface GraphStage {
  id: string;
  title: string;
}

/** What the layout is made from: no more than it needs, as it crosses to the worker. */
export interface LayoutRequest {
  nodes: readonly { id: string; stage: string }[];
  edges: readonly GraphEdge[];
  stages: readonly string[];
}

export interface Placed {
  id: string;
  x: number;
  y: number;
}

export interface Band {
  stage: string;
  x: number;
  width: number;
}

export interface Layout {
  nodes: readonly Placed[];
  /** Where each stage stands; those that have no node are left out. */
  bands: readonly Band[];
  height: number;
}

export const CARD_WIDTH = 152;
export const CARD_HEIGHT = 40;
