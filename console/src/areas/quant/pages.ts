import type { Area } from "../../app/pages";

export const quant: Area = {
  id: "quant",
  title: "Quant",
  scope: "plan:read",
  pages: [
    { path: "/", title: "Catalog", isListed: true, load: () => import("./Catalog.svelte") },
    { path: "/dataflows", title: "Dataflows", isListed: true, load: () => import("./Dataflows.svelte") },
    { path: "/models", title: "Models", isListed: true, load: () => import("./Models.svelte") },
    { path: "/reports", title: "Reports", isListed: true, load: () => import("./Reports.svelte") },
    { path: "/catalog/:node", title: "Node", isListed: false, under: "/", load: () => import("./CatalogNode.svelte") },
    { path: "/dataflows/:dataflow", title: "Dataflow", isListed: false, under: "/dataflows", load: () => import("./Dataflow.svelte") },
    { path: "/models/:family/:version", title: "Model", isListed: false, under: "/models", load: () => import("./Model.svelte") },
    { path: "/backtests/:job", title: "Backtest", isListed: false, under: "/reports", load: () => import("./Backtest.svelte") },
    { path: "/scenarios/:job", title: "Scenario", isListed: false, under: "/reports", load: () => import("./Scenario.svelte") },
    { path: "/studies/:job", title: "Study", isListed: false, under: "/reports", load: () => import("./Study.svelte") },
  ],
};
