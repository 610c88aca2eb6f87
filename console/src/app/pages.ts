/** What an area of the console is made of. */
import type { Component } from "svelte";

import type { Parameters } from "./place.svelte";

/** What every page is given: the named parts of its path. */
export interface PageProps {
  parameters: Parameters;
}

export interface Page {
  /** Below the area's own path: `/`, `/decisions/:decision`. */
  path: string;
  /** What the navigation and the browser's tab call it. */
  title: string;
  /** Whether the navigation offers it; a page about one thing is reached by links. */
  isListed: boolean;
  /** Of a page about one thing: the path of the listed page that lists such things. */
  under?: string;
  /** Loads the page's code when it is first visited. */
  load: () => Promise<{ default: Component<PageProps> | Component<Record<string, never>> }>;
}

export interface Area {
  /** First part of its paths: `auditor`. */
  id: string;
  title: string;
  /** The scope without which its pages show little; said to whoever lacks it. */
  scope: string;
  pages: readonly Page[];
}
