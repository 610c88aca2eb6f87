/** What an editor of policies completes and explains: the words that the server says a policy may use. */
import type { Completion, CompletionContext, CompletionResult, CompletionSource } from "@codemirror/autocomplete";
import type { EditorState } from "@codemirror/state";
import { hoverTooltip, type Tooltip } from "@codemirror/view";

import type { Schema } from "../../../client/api";

export type Vocabulary = Schema<"PolicyVocabularyView">;
type Word = Vocabulary["words"][number];
type Key = Vocabulary["keys"][number];

const NAME = /[A-Za-z_][A-Za-z0-9_]*/;
const WORD_BEFORE = /[A-Za-z_][A-Za-z0-9_]*$/;

/** Where the cursor stands: under which top key, inside which key of a rule. */
interface Spot {
  section: string;
  key: string;
  isKeyPlace: boolean;
}

/** Completes keys, names, and words of a closed set, as far as the place asks for them. */
export function completions(vocabulary: () => Vocabulary | undefined): CompletionSource {
  return (context: CompletionContext): CompletionResult | null => {
    const words = vocabulary();
    const before = context.matchBefore(WORD_BEFORE);
    if (words === undefined || (before === null && !context.explicit)) return null;
    const options = offered(words, spotAt(context.state, context.pos));
    const from = before?.from ?? context.pos;
    return options.length === 0 ? null : { from, options, validFor: /^[A-Za-z0-9_]*$/ };
  };
}

function offered(words: Vocabulary, spot: Spot): Completion[] {
  if (spot.isKeyPlace && spot.section === "") return words.keys.filter((key) => key.of === "policy").map(ofKey);
  if (spot.isKeyPlace && spot.section === "rules") return words.keys.filter((key) => key.of === "rule").map(ofKey);
  if (spot.isKeyPlace) return used(words, spot.section);
  const key = words.keys.find((each) => each.name === spot.key && each.of === (spot.section === "rules" ? "rule" : "policy"));
  if (key !== undefined && key.choices.length > 0) return key.choices.map((label) => ({ label, type: "enum" }));
  if (spot.section === "params") {
    return (words.words.find((word) => word.name === spot.key)?.choices ?? []).map((label) => ({ label, type: "enum" }));
  }
  if (spot.key === "cap") return used(words, "cap");
  if (spot.key === "require") return [...used(words, "require"), ...words.operators.map(ofOperator)];
  if (spot.key === "because" || spot.key === "plain") return used(words, "require");
  return [];
}

function used(words: Vocabulary, use: string): Completion[] {
  return words.words.filter((word) => word.uses.includes(use)).map(ofWord);
}

function ofWord(word: Word): Completion {
  return { label: word.name, type: word.kind === "parameter" ? "constant" : "variable", detail: word.unit, info: () => told(word) };
}

function ofKey(key: Key): Completion {
  const completion: Completion = { label: key.name, type: "property", apply: `${key.name}: `, info: key.doc };
  return key.is_required ? { ...completion, detail: "required" } : completion;
}

function ofOperator(label: string): Completion {
  return { label, type: "keyword" };
}

/** The place of a position, read from the lines above it by their indentation. */
export function spotAt(state: EditorState, position: number): Spot {
  const line = state.doc.lineAt(position);
  const text = line.text.slice(0, position - line.from);
  const section = /^(\S|$)/.test(line.text) && !line.text.startsWith("-") ? "" : sectionAbove(state, line.number);
  const pair = /^\s*(?:- )?([A-Za-z_][A-Za-z0-9_]*):/.exec(text);
  if (pair?.[1] !== undefined) return { section, key: pair[1], isKeyPlace: false };
  if (/^\s*(?:- )?[A-Za-z0-9_]*$/.test(text)) return { section, key: "", isKeyPlace: true };
  return { section, key: keyAbove(state, line.number), isKeyPlace: false };
}

function sectionAbove(state: EditorState, number: number): string {
  for (let at = number - 1; at > 0; at -= 1) {
    const found = /^([A-Za-z_]+):/.exec(state.doc.line(at).text);
    if (found?.[1] !== undefined) return found[1];
  }
  return "";
}

/** The key whose value goes on over several lines. */
function keyAbove(state: EditorState, number: number): string {
  for (let at = number - 1; at > 0; at -= 1) {
    const found = /^\s*(?:- )?([A-Za-z_][A-Za-z0-9_]*):/.exec(state.doc.line(at).text);
    if (found?.[1] !== undefined) return found[1];
  }
  return "";
}

/** Tells what a name is while the pointer rests on it. */
export function explanations(vocabulary: () => Vocabulary | undefined) {
  return hoverTooltip((view, position): Tooltip | null => {
    const line = view.state.doc.lineAt(position);
    for (const found of line.text.matchAll(new RegExp(NAME, "g"))) {
      const from = line.from + found.index;
      const to = from + found[0].length;
      if (position < from || position > to) continue;
      const word = vocabulary()?.words.find((each) => each.name === found[0]);
      return word === undefined ? null : { pos: from, end: to, above: true, create: () => ({ dom: told(word) }) };
    }
    return null;
  });
}

function told(word: Word): HTMLElement {
  const box = document.createElement("div");
  box.className = "word";
  const lines: [string, string][] = [
    ["", word.doc],
    ["Formula", word.formula],
    ["Unit", word.unit],
    ["Live value", word.value ?? ""],
    ["Missing", word.missing],
    ["Read by", word.read_by.join(", ")],
  ];
  const head = box.appendChild(document.createElement("strong"));
  head.textContent = word.name;
  for (const [title, text] of lines) {
    if (!text) continue;
    const line = box.appendChild(document.createElement("div"));
    line.textContent = title ? `${title}: ${text}` : text;
  }
  return box;
}
