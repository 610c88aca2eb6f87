import { expect, test } from "vitest";

import { AREAS, pathOf, route } from "../src/routes";

const PAGES = AREAS.flatMap((area) => area.pages.map((page) => ({ area, page, path: pathOf(area, page) })));

test.each(PAGES.map(({ path }) => path))("%s leads to its own page, with what its address names", (path) => {
  const given = path.replace(/:(\w+)/g, "of-$1");
  const found = route(given);
  expect(found && pathOf(found.area, found.page)).toBe(path);
  expect(Object.keys(found?.parameters ?? {})).toEqual([...path.matchAll(/:(\w+)/g)].map(([, name]) => name));
});

test("no two pages stand at one address, and every listed one has no part to fill in", () => {
  const paths = PAGES.map(({ path }) => path);
  expect(new Set(paths).size).toBe(paths.length);
  expect(PAGES.filter(({ page }) => page.isListed && page.path.includes(":"))).toEqual([]);
});

test.each(["/", "/nowhere", "/auditor/decisions", "/auditor/decisions/a/b", "/quant/models/only-family"])("%s is no page of an area", (path) => {
  expect(route(path)).toBeNull();
});
