import { CompletionContext } from "@codemirror/autocomplete";
import { EditorState } from "@codemirror/state";
import { expect, test } from "vitest";

import { completions, spotAt, type Vocabulary } from "../../../../src/areas/officer/editing/words";

const WORD = { doc: "", formula: "", unit: "", value: null, missing: "", read_by: [], choices: [], kind: "node" };
const VOCABULARY = {
  keys: [
    { name: "policy", of: "policy", doc: "its name", is_required: true, choices: [] },
    { name: "params", of: "policy", doc: "", is_required: false, choices: [] },
    { name: "require", of: "rule", doc: "", is_required: true, choices: [] },
    { name: "then", of: "rule", doc: "", is_required: true, choices: ["deny", "clip"] },
  ],
  words: [
    { ...WORD, name: "max_order_shares", kind: "parameter", unit: "shares", uses: ["params", "require", "cap"] },
    { ...WORD, name: "order_size_shares", unit: "shares", uses: ["require"] },
    { ...WORD, name: "sizing", kind: "parameter", uses: ["params"], choices: ["equal", "risk"] },
  ],
  operators: ["AND", "NOT"],
} as unknown as Vocabulary;

const TEXT = `policy: us-equities
params:
  max_order_shares: 5000
  sizing: 
rules:
- rule: shares
  require: >-
    order_size_shares
  then: 
`;

/** What is offered where a text has a bar. */
function offered(text: string): string[] | undefined {
  const at = text.indexOf("|");
  const context = new CompletionContext(EditorState.create({ doc: text.replace("|", "") }), at, true);
  const found = completions(() => VOCABULARY)(context);
  return found === null || found instanceof Promise ? undefined : found.options.map((option) => option.label);
}

test.each([
  ["a key of the policy, where a line begins", `${TEXT}|`, ["policy", "params"]],
  ["a parameter, among the parameters", TEXT.replace("  sizing", "  |\n  sizing"), ["max_order_shares", "sizing"]],
  ["the choices of a parameter", TEXT.replace("sizing: ", "sizing: |"), ["equal", "risk"]],
  ["a key of a rule", TEXT.replace("  then", "  |\n  then"), ["require", "then"]],
  ["what may be required, and how it is joined", TEXT.replace("    order_size_shares", "    order_size_shares < |"), ["max_order_shares", "order_size_shares", "AND", "NOT"]],
  ["what a rule may do", TEXT.replace("then: ", "then: |"), ["deny", "clip"]],
])("an editor completes %s", (_, text, wanted) => {
  expect(offered(text)).toEqual(wanted);
});

test.each([
  ["free text", TEXT.replace("us-equities", "us-|")],
  ["the value of a number", TEXT.replace("5000", "5|000")],
])("it offers nothing in %s", (_, text) => {
  expect(offered(text)).toBeUndefined();
});

test("it offers nothing before the server has told the words", () => {
  const context = new CompletionContext(EditorState.create({ doc: "" }), 0, true);
  expect(completions(() => undefined)(context)).toBeNull();
});

test("a value that goes on over several lines belongs to the key above it", () => {
  const state = EditorState.create({ doc: TEXT });
  expect(spotAt(state, TEXT.indexOf("order_size_shares") + 10)).toMatchObject({ section: "rules", key: "" });
  expect(spotAt(state, TEXT.indexOf("5000"))).toEqual({ section: "params", key: "max_order_shares", isKeyPlace: false });
});
