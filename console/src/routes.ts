/** The areas of the console, in the order of the navigation. A page is added in its area's `pages.ts`. */
import { matched, type Parameters } from "./app/place.svelte";
import type { Area, Page } from "./app/pages";
import { auditor } from "./areas/auditor/pages";
import { officer } from "./areas/officer/pages";
import { operator } from "./areas/operator/pages";
import { quant } from "./areas/quant/pages";
import { trader } from "./areas/trader/pages";

export const AREAS: readonly Area[] = [auditor, officer, trader, operator, quant];

export interface Route {
  area: Area;
  page: Page;
  parameters: Parameters;
}

/** What is at a path; null for nothing. An area's own path is its first page. */
export function route(path: string): Route | null {
  for (const area of AREAS) {
    for (const page of area.pages) {
      const parameters = matched(`/${area.id}${page.path}`, path);
      if (parameters !== null) return { area, page, parameters };
    }
  }
  return null;
}

/** The address of an area's or a page's place. */
export function pathOf(area: Area, page: Page | undefined = area.pages[0]): string {
  return `/${area.id}${page === undefined || page.path === "/" ? "" : page.path}`;
}
