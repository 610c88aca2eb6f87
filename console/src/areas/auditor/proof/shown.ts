/** Whether what the pages of a decision show of its order run is what was hashed: each value and each rule's outcome. */
import type { Schema } from "../../../client/api";
import { agrees, traceCheck, type Evidence, type TraceCheck } from "./trace";

export interface ShownCheck {
  holds: boolean;
  says: string;
}

interface ShownNode {
  key: string;
  exact: string;
  isAbsent: boolean;
}

/** Where every lineage ends. It is no value of the plan: the entry's own facts say what it says. */
const CONCLUSION = "order.decision";
const REDUCES_RISK = "order.order_reduces_risk";
const MAX_SAID = 5;

export async function shownHolds(evidence: Evidence, record: Schema<"DecisionRecord">): Promise<ShownCheck> {
  const tally = new Tally(await traceCheck(evidence));
  tally.compare(record.lineage.nodes.map(({ key, exact, is_absent }) => ({ key, exact, isAbsent: is_absent })));
  tally.compare(record.trace.nodes.map(({ key, value }) => ({ key, exact: value.exact, isAbsent: value.is_absent })));
  for (const { rule } of record.trace.rules) {
    tally.compareRule(rule.key, rule.final, "final");
    tally.compareRule(rule.key, rule.proposed, "proposed");
  }
  return tally.outcome(record.trace.rules.map(({ rule }) => rule.key));
}

class Tally {
  readonly #trace: TraceCheck;
  readonly #wrong: string[] = [];
  readonly #compared = new Set<string>();
  readonly #rules = new Set<string>();
  readonly #inWords = new Set<string>();
  readonly #ofSession = new Set<string>();

  constructor(trace: TraceCheck) {
    this.#trace = trace;
  }

  /** Compare a list of nodes, which has to have every value that was hashed, and no value of the order run besides. */
  compare(nodes: readonly ShownNode[]): void {
    const shown = new Set(nodes.map((node) => node.key));
    for (const key of this.#trace.values.keys()) if (!shown.has(key)) this.#wrong.push(`${key} was hashed and is not shown`);
    for (const node of nodes) {
      if (!node.key.startsWith("order.")) this.#ofSession.add(node.key);
      else if (this.#trace.rules.has(node.key)) this.compareRule(node.key, node.exact, "final");
      else if (node.key !== CONCLUSION) this.#compareValue(node);
    }
  }

  compareRule(key: string, word: string, pass: "final" | "proposed"): void {
    const values = pass === "final" ? this.#trace.values : this.#trace.proposed;
    const read = values.get(key);
    if (!this.#trace.rules.has(key) || read === undefined) {
      this.#wrong.push(`${key} is shown as a rule and was not hashed as one`);
      return;
    }
    const isSkipped = this.#trace.skipping.has(key) && values.get(REDUCES_RISK) === true;
    const hashed = isSkipped ? "skipped" : (read ?? "unknown");
    this.#rules.add(key);
    if (hashed !== word) this.#wrong.push(`${key} is ${String(hashed)} in the bytes of the ${pass} pass and ${word} here`);
  }

  #compareValue({ key, exact, isAbsent }: ShownNode): void {
    const of = this.#trace.values.has(key) ? this.#trace.values : this.#trace.constants;
    const read = of.get(key);
    if (read === undefined) {
      this.#wrong.push(`${key} is shown and was not hashed`);
      return;
    }
    const same = agrees(read, exact, isAbsent);
    (same === null ? this.#inWords : this.#compared).add(key);
    if (same === false) this.#wrong.push(`${key} is ${String(read)} in the bytes and ${exact} here`);
  }

  outcome(rules: readonly string[]): ShownCheck {
    for (const key of this.#trace.rules) if (!rules.includes(key)) this.#wrong.push(`${key} was hashed and is no row of the rules`);
    if (this.#compared.size === 0 || this.#wrong.length > 0) {
      const said = this.#wrong.length > 0 ? this.#wrong : ["nothing that is shown could be compared"];
      const rest = said.length > MAX_SAID ? `; and ${said.length - MAX_SAID} more` : "";
      return { holds: false, says: said.slice(0, MAX_SAID).join("; ") + rest };
    }
    const left: string[] = [];
    if (this.#inWords.size > 0) left.push(`${this.#inWords.size} that are shown in words`);
    if (this.#ofSession.size > 0) left.push(`${this.#ofSession.size} of the session's run, which has a trace of its own`);
    const rest = left.length === 0 ? "" : ` Not compared: ${left.join("; ")}.`;
    return { holds: true, says: `${this.#compared.size} values, to the last digit, and ${this.#rules.size} rules' outcomes compared.${rest}` };
  }
}
