/** Figures as people read them, by the unit that their name declares. */
import { grouped } from "../../parts/format";

const DIGITS = 4;

/** A figure of a model's evidence; "not known" where it was not measured. */
export function evidenceText(evidence: Readonly<Record<string, number>>, name: string): string {
  const value = evidence[name];
  return value === undefined ? "not known" : figureText(name, value);
}

/** A number in the unit of its name: fractions as per cent, money with cents, the rest to four digits. */
export function figureText(name: string, value: number | null): string {
  if (value === null) return "not known";
  if (name.endsWith("_frac")) return `${grouped((100 * value).toFixed(2))} %`;
  if (name.endsWith("_usd")) return `${grouped(value.toFixed(2))} USD`;
  if (name.endsWith("_bps")) return `${grouped(value.toFixed(2))} bps`;
  const unit = ["sessions", "shares"].find((each) => name.endsWith(`_${each}`));
  if (unit !== undefined) return `${grouped(value)} ${unit}`;
  return Number.isInteger(value) ? grouped(value) : grouped(Number(value.toPrecision(DIGITS)));
}

/** What the short names of statistics stand for. */
const SHORT: Readonly<Record<string, string>> = {
  dsr: "deflated Sharpe ratio",
  psr: "probabilistic Sharpe ratio",
  pbo: "probability of overfitting",
  spa: "superior predictive ability,",
  oos: "out of sample",
  max: "deepest",
};

/** A name without its unit, in words: `oos_max_drawdown_frac` as `out of sample deepest drawdown`. */
export function figureName(name: string): string {
  const bare = name.replace(/_(frac|usd|bps|score|count|sessions|shares|s)$/, "");
  return bare.split("_").map((word) => SHORT[word] ?? word).join(" ").replace(/,$/, "");
}
