import type { Area } from "../../app/pages";

export const operator: Area = {
  id: "operator",
  title: "Operator",
  scope: "audit:read",
  pages: [
    { path: "/", title: "Now", isListed: true, load: () => import("./Now.svelte") },
    { path: "/workers", title: "Workers", isListed: true, load: () => import("./Workers.svelte") },
    { path: "/feeds", title: "Feeds", isListed: true, load: () => import("./Feeds.svelte") },
    { path: "/log", title: "Log and stream", isListed: true, load: () => import("./Log.svelte") },
    { path: "/objectives", title: "Objectives", isListed: true, load: () => import("./Objectives.svelte") },
    { path: "/outages", title: "Outages and incidents", isListed: true, load: () => import("./Outages.svelte") },
    { path: "/runbook", title: "Runbook", isListed: true, load: () => import("./Runbook.svelte") },
    { path: "/runbook/:section", title: "Runbook", isListed: false, under: "/runbook", load: () => import("./Runbook.svelte") },
  ],
};
