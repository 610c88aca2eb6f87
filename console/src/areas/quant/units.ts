/** Units of nodes in words: the types that nodes are written with say of what and for what a value is. */
const SCALES: readonly [RegExp, string][] = [
  [/Column$/, " for each bar"],
  [/Row$/, " for each symbol"],
  [/Matrix$/, " for each pair of symbols"],
  [/ByVenue$/, " for each venue"],
];

const WORDS: Readonly<Record<string, string>> = {
  Frac: "fraction",
  Usd: "USD",
  UsdPerShare: "USD per share",
  Bps: "bps",
  Flag: "yes or no",
  VenueId: "venue",
  RoutedOrder: "routed order",
  Panel: "panel of bars",
  Segments: "rows of each symbol",
  Weights: "weight for each symbol",
};

/** `FracColumn` as `fraction for each bar`; what is unheard of word by word. */
export function unitText(unit: string): string {
  const [pattern, scale] = SCALES.find(([each]) => each.test(unit) && unit.replace(each, "") !== "") ?? [/$^/, ""];
  const bare = unit.replace(pattern, "");
  return (WORDS[bare] ?? bare.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase()) + scale;
}

/** A sentence that is filled in when a rule speaks, with names in place of the numbers: `{cash_usd:,.0f} USD` as `cash_usd USD`. */
export function templateText(template: string): string {
  return template.replace(/\{(\w+)(?:![a-z])?(?::[^{}]*)?\}/g, "$1");
}

/** A stage as a title: `guardrails` as `Guardrails`. */
export function stageText(stage: string): string {
  const words = stage.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
