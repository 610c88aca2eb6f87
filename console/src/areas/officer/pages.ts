import type { Area } from "../../app/pages";

export const officer: Area = {
  id: "officer",
  title: "Risk officer",
  scope: "plan:read",
  pages: [
    { path: "/", title: "Policies", isListed: true, load: () => import("./Policies.svelte") },
    { path: "/edit", title: "Edit", isListed: true, load: () => import("./Edit.svelte") },
    { path: "/impacts", title: "Impacts", isListed: true, load: () => import("./Impacts.svelte") },
    { path: "/impacts/:impact", title: "Impact", isListed: false, under: "/impacts", load: () => import("./Impact.svelte") },
    { path: "/versions/:policy", title: "Version", isListed: false, under: "/", load: () => import("./Version.svelte") },
    { path: "/shadows/:policy", title: "Shadow", isListed: false, under: "/", load: () => import("./Shadow.svelte") },
  ],
};
