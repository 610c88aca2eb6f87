import type { Area } from "../../app/pages";

export const auditor: Area = {
  id: "auditor",
  title: "Auditor",
  scope: "audit:read",
  pages: [
    { path: "/", title: "Decisions", isListed: true, load: () => import("./Decisions.svelte") },
    { path: "/find", title: "Find", isListed: true, load: () => import("./Find.svelte") },
    { path: "/entries", title: "Entries", isListed: true, load: () => import("./Entries.svelte") },
    { path: "/log", title: "Log and checkpoints", isListed: true, load: () => import("./Log.svelte") },
    { path: "/compare", title: "Compare", isListed: true, load: () => import("./Compare.svelte") },
    { path: "/decisions/:decision", title: "Decision", isListed: false, under: "/", load: () => import("./Decision.svelte") },
    { path: "/entries/:sequence", title: "Entry", isListed: false, under: "/entries", load: () => import("./Entry.svelte") },
  ],
};
