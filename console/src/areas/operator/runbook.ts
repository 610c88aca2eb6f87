/**
 * The runbook: what stands in docs/operations.md and docs/resilience.md, cut into its sections when the console is
 * built, so that it is there when the network is not. Only the Markdown that these pages use is understood.
 */
import operations from "../../../../docs/operations.md?raw";
import resilience from "../../../../docs/resilience.md?raw";

export type Span = { kind: "text" | "code" | "strong" | "link"; text: string; section?: string };

export type Block =
  | { kind: "prose"; spans: Span[] }
  | { kind: "code"; text: string }
  | { kind: "list"; items: Span[][] }
  | { kind: "table"; head: Span[][]; rows: Span[][][] };

export interface Section {
  /** As it stands in an address: `signing-is-late`. */
  id: string;
  title: string;
  blocks: Block[];
  /** Where it is written: `docs/operations.md`. */
  file: string;
}

export const RUNBOOK: readonly Section[] = [...sectionsOf(operations, "docs/operations.md"), ...sectionsOf(resilience, "docs/resilience.md")];

const SECTION_OF_CHECK: Readonly<Record<string, string>> = {
  "log-readable": "the-log-cannot-be-written",
  "log-writable": "the-log-cannot-be-written",
  disk: "the-log-cannot-be-written",
  outbox: "orders-do-not-reach-the-broker",
  dispatcher: "orders-do-not-reach-the-broker",
  "upstream-broker": "orders-do-not-reach-the-broker",
  checkpoint: "signing-is-late",
  draining: "no-worker-serves",
  "policy-watch": "background-work-fails",
  "policy-folder": "background-work-fails",
  "upstream-lake": "answers-from-memory",
};

/** The section about what the server depends on; empty where the check itself says all there is to do. */
export function sectionOfCheck(name: string): string {
  return SECTION_OF_CHECK[name] ?? (name.startsWith("upstream-") ? "what-the-operator-reads" : "");
}

function sectionsOf(text: string, file: string): Section[] {
  return text.split(/^## /m).slice(1).map((part) => {
    const [title = "", ...lines] = part.split("\n");
    return { id: idOf(title), title, blocks: blocksOf(lines), file };
  });
}

function idOf(title: string): string {
  return title.trim().toLowerCase().replace(/[^\w\s-]/g, "").replace(/\s+/g, "-");
}

function blocksOf(lines: readonly string[]): Block[] {
  const blocks: Block[] = [];
  let [code, gathered]: [string[] | null, string[]] = [null, []];
  for (const line of [...lines, ""]) {
    if (line.startsWith("```")) {
      if (code !== null) blocks.push({ kind: "code", text: code.join("\n") });
      code = code === null ? [] : null;
    } else if (code !== null) code.push(line);
    else if (line.trim() !== "") gathered.push(line);
    else if (gathered.length > 0) {
      blocks.push(blockOf(gathered));
      gathered = [];
    }
  }
  return blocks;
}

function blockOf(lines: readonly string[]): Block {
  if (lines.every((line) => line.startsWith("|"))) {
    const [head = [], , ...rows] = lines.map(cellsOf);
    return { kind: "table", head, rows };
  }
  if (lines[0]?.startsWith("- ")) {
    const items = lines.join("\n").split(/^- /m).slice(1);
    return { kind: "list", items: items.map((item) => spansOf(item.replace(/\s+/g, " ").trim())) };
  }
  if (lines.every((line) => line.startsWith("    "))) return { kind: "code", text: lines.map((line) => line.slice(4)).join("\n") };
  return { kind: "prose", spans: spansOf(lines.join(" ")) };
}

function cellsOf(line: string): Span[][] {
  return line.slice(1, line.lastIndexOf("|")).split("|").map((cell) => spansOf(cell.trim()));
}

function spansOf(text: string): Span[] {
  const spans: Span[] = [];
  let rest = 0;
  for (const found of text.matchAll(/`([^`]+)`|\*\*([^*]+)\*\*|\*([^*]+)\*|\[([^\]]+)\]\(([^)]+)\)/g)) {
    if (found.index > rest) spans.push({ kind: "text", text: text.slice(rest, found.index) });
    const [whole, code, strong, soft, label, target] = found;
    if (code !== undefined) spans.push({ kind: "code", text: code });
    else if (label !== undefined) spans.push(linkOf(label, target ?? ""));
    else spans.push({ kind: "strong", text: strong ?? soft ?? "" });
    rest = found.index + whole.length;
  }
  return rest < text.length ? [...spans, { kind: "text", text: text.slice(rest) }] : spans;
}

/** A link to another section leads there; a file of the project is named, for it is not on this server. */
function linkOf(label: string, target: string): Span {
  const section = /#([\w-]+)$/.exec(target)?.[1];
  if (section !== undefined) return { kind: "link", text: label, section };
  return { kind: "text", text: label.replaceAll("`", "") };
}
