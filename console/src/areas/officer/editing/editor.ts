/**
 * An editor of YAML in a shadow root. The console's content security policy allows no style that a script writes into
 * the page; inside a shadow root CodeMirror adopts style sheets that it makes itself, which the policy lets be.
 */
import { autocompletion, closeBrackets, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, HighlightStyle, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { EditorState, type Extension, type Text } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

import type { Schema } from "../../../client/api";
import { completions, explanations, type Vocabulary } from "./words";

export type Fault = Schema<"FaultView">;

const COLOURS = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--accent)" },
  { tag: [tags.comment, tags.lineComment], color: "var(--muted)", fontStyle: "italic" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--pass)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--review)" },
  { tag: [tags.punctuation, tags.separator, tags.squareBracket, tags.brace], color: "var(--muted)" },
]);

const LOOKS = EditorView.theme({
  "&": { fontSize: "0.8125rem", color: "var(--ink)", backgroundColor: "var(--surface)", height: "100%" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5", overflow: "auto" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--sunken)", color: "var(--muted)", border: "none" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--accent) 6%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--accent) 10%, transparent)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in srgb, var(--accent) 22%, transparent)",
  },
  ".cm-tooltip": { backgroundColor: "var(--surface)", color: "var(--ink)", border: "1px solid var(--line-strong)", borderRadius: "4px" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--accent-ink)" },
  ".cm-completionDetail": { color: "inherit", opacity: "0.8", fontStyle: "normal", marginLeft: "1em" },
  ".cm-tooltip .word, .cm-completionInfo": { maxWidth: "26rem", padding: "6px 10px", font: "0.75rem/1.5 var(--font)" },
  ".cm-diagnostic": { font: "0.75rem/1.5 var(--font)", padding: "4px 8px" },
  ".cm-diagnostic-error": { borderLeft: "3px solid var(--deny)" },
  ".cm-changedLine": { backgroundColor: "var(--pass-wash)" },
  "&.cm-merge-a .cm-changedLine": { backgroundColor: "var(--deny-wash)" },
  "&.cm-merge-a .cm-changedText": { background: "color-mix(in srgb, var(--deny) 28%, transparent)" },
  "&.cm-merge-b .cm-changedText": { background: "color-mix(in srgb, var(--pass) 28%, transparent)" },
  ".cm-collapsedLines:before, .cm-collapsedLines:after": { content: "'…'" },
  ".cm-collapsedLines": {
    background: "var(--sunken)",
    color: "var(--muted)",
    borderBlock: "1px solid var(--line)",
    font: "0.75rem/1.5 var(--font)",
  },
});

/** What every editor and every side of a comparison has. */
export function furniture(label: string): Extension {
  return [
    lineNumbers(),
    drawSelection(),
    yaml(),
    indentUnit.of("  "),
    syntaxHighlighting(COLOURS),
    LOOKS,
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", tabindex: "0" }),
  ];
}

/** What cannot be written to. */
export const READ_ONLY: Extension = [EditorState.readOnly.of(true), EditorView.editable.of(false)];

export interface EditorOptions {
  text: string;
  label: string;
  vocabulary: () => Vocabulary | undefined;
  onChange: (text: string) => void;
}

/** An editor in a host element. The host's shadow root is made once. */
export function editorIn(host: HTMLElement, { text, label, vocabulary, onChange }: EditorOptions): EditorView {
  const root = shadowOf(host);
  const extensions = [
    furniture(label),
    history(),
    bracketMatching(),
    closeBrackets(),
    highlightActiveLine(),
    lintGutter(),
    autocompletion({ override: [completions(vocabulary)], icons: false }),
    explanations(vocabulary),
    keymap.of([...defaultKeymap, ...historyKeymap, ...completionKeymap]),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) onChange(update.state.doc.toString());
    }),
  ];
  return new EditorView({ state: EditorState.create({ doc: text, extensions }), parent: root, root });
}

export function shadowOf(host: HTMLElement): ShadowRoot {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  root.replaceChildren();
  return root;
}

/** Marks every fault at its place in the text. */
export function marked(view: EditorView, faults: readonly Fault[]): void {
  const diagnostics = faults.map((fault) => diagnostic(view.state.doc, fault));
  view.dispatch(setDiagnostics(view.state, diagnostics));
}

/** Puts the cursor where a fault is. */
export function shown(view: EditorView, line: number, column: number): void {
  const at = position(view.state.doc, line, column);
  view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
  view.focus();
}

/** Replaces the whole text, when it is another one. */
export function replaced(view: EditorView, text: string): void {
  if (view.state.doc.toString() === text) return;
  view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
}

function diagnostic(doc: Text, fault: Fault): Diagnostic {
  const from = position(doc, fault.line, fault.column);
  const line = doc.lineAt(from);
  const rest = /^[^\s:,{}[\]]+/.exec(line.text.slice(from - line.from));
  const to = Math.min(line.to, from + Math.max(rest?.[0].length ?? 0, 1));
  return { from, to, severity: "error", message: `${fault.what}; ${fault.mend}` };
}

function position(doc: Text, line: number, column: number): number {
  const found = doc.line(Math.min(Math.max(line, 1), doc.lines));
  return Math.min(found.from + Math.max(column - 1, 0), found.to);
}
