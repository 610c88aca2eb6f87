import { expect, test } from "vitest";

import { RUNBOOK, sectionOfCheck, type Block, type Span } from "../../../src/areas/operator/runbook";

const CHECKS = ["log-readable", "log-writable", "disk", "outbox", "dispatcher", "upstream-broker", "checkpoint", "draining", "policy-watch", "policy-folder", "upstream-lake", "upstream-quotes"];

function spans(block: Block): Span[] {
  if (block.kind === "prose") return block.spans;
  if (block.kind === "list") return block.items.flat();
  return block.kind === "table" ? [...block.head.flat(), ...block.rows.flat(2)] : [];
}

test.each(CHECKS)("the check %s leads to a section that is there", (check) => {
  expect(RUNBOOK.map((section) => section.id)).toContain(sectionOfCheck(check));
});

test("a check that tells itself what to do leads nowhere", () => {
  expect(sectionOfCheck("generation")).toBe("");
});

test("sections have addresses of their own, and say something", () => {
  const ids = RUNBOOK.map((section) => section.id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const section of RUNBOOK) expect(section.blocks.length, section.title).toBeGreaterThan(0);
});

test("no mark of the language that it is written in is left in the text", () => {
  for (const section of RUNBOOK) {
    for (const span of section.blocks.flatMap(spans)) if (span.kind === "text") expect(span.text, section.title).not.toMatch(/\*\*|`|\]\(|^#|^\|/);
  }
});

test("every table has as many cells in each row as in its head", () => {
  for (const section of RUNBOOK) {
    for (const block of section.blocks) if (block.kind === "table") for (const row of block.rows) expect(row.length, section.title).toBe(block.head.length);
  }
});

test("a link to a section of these pages leads to one that is there", () => {
  const ids = new Set(RUNBOOK.map((section) => section.id));
  const links = RUNBOOK.flatMap((section) => section.blocks.flatMap(spans)).filter((span) => span.kind === "link");
  expect(links.filter((link) => !ids.has(link.section ?? ""))).toEqual([]);
});
