/** The stages of a decision as they stand from left to right. */
import type { GraphStage } from "../../parts/graph/graph";

export const STAGES: readonly GraphStage[] = [
  { id: "data", title: "Market data" },
  { id: "policy", title: "Policy numbers" },
  { id: "labels", title: "Labels" },
  { id: "features", title: "Features" },
  { id: "models", title: "Models" },
  { id: "signals", title: "Signal" },
  { id: "portfolio", title: "Portfolio" },
  { id: "order", title: "Order and account" },
  { id: "guardrails", title: "Guardrails" },
  { id: "execution", title: "Expected cost" },
  { id: "routing", title: "Route" },
  { id: "rules", title: "Rules" },
  { id: "verdict", title: "Decision" },
  { id: "fill", title: "Afterwards" },
];

export function stageTitle(id: string): string {
  return STAGES.find((stage) => stage.id === id)?.title ?? id.replaceAll("_", " ");
}
