/** What an entry of the log is about, in a line; and the kinds of entries that there are. */
import type { Schema } from "../../client/api";
import { counted, grouped, sideText } from "../../parts/format";

type Facts = Schema<"EntryView">["facts"];

/** In the order in which a log comes to them. */
export const KINDS = [
  "genesis", "activation", "plan", "decision", "refusal", "acknowledgement", "fill", "expiry", "cancel", "cancel-request",
  "replace-request", "correction", "charge", "corporate-action", "journal", "reconciliation", "kill-switch", "throttle",
  "proposal", "withdrawal", "policy-stage", "policy-fault", "shadow", "model", "model-stage", "gate", "promotion-proposal",
  "promotion-withdrawal", "promotion", "rollback", "retirement", "incident", "retention", "hold",
] as const;

const NAMES = ["symbol", "account_id", "verdict", "session_on", "strategy", "family", "policy", "because", "reason"];

/** Sizes and prices first, as they are read; then whatever else names the thing. */
export function about(facts: Facts): string {
  const said = NAMES.map((name) => text(facts[name]));
  const [symbol = "", ...rest] = said;
  const version = facts["version"] === undefined || facts["policy"] !== undefined ? "" : `version ${text(facts["version"])}`;
  return [moved(facts, symbol) || symbol, ...rest, version, candidates(facts)].filter(Boolean).join(" · ");
}

/** `buy 103 GOOG at 729.16 USD`; nothing for what moves no shares. */
function moved(facts: Facts, symbol: string): string {
  const shares = facts["fill_shares"] ?? facts["order_shares"];
  if (typeof shares !== "number" || symbol === "" || shares === 0) return "";
  const price = text(facts["fill_price_usd"]);
  return `${sideText(shares)} ${symbol}${price === "" ? "" : ` at ${grouped(price)} USD`}`;
}

function candidates(facts: Facts): string {
  const count = facts["n_candidates"];
  return typeof count === "number" ? counted(count, "candidate") : "";
}

function text(fact: unknown): string {
  return fact === undefined || fact === null || typeof fact === "object" ? "" : String(fact);
}
