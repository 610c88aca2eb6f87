import type { Area } from "../../app/pages";

export const trader: Area = {
  id: "trader",
  title: "Trader",
  scope: "plan:read",
  pages: [
    { path: "/", title: "Today's plan", isListed: true, load: () => import("./Today.svelte") },
    { path: "/positions", title: "Positions", isListed: true, load: () => import("./Positions.svelte") },
    { path: "/orders", title: "Orders", isListed: true, load: () => import("./Orders.svelte") },
    { path: "/alerts", title: "Alerts", isListed: true, load: () => import("./Alerts.svelte") },
    { path: "/stop", title: "Kill switch", isListed: true, load: () => import("./KillSwitch.svelte") },
    { path: "/symbols/:symbol", title: "Why", isListed: false, under: "/", load: () => import("./Symbol.svelte") },
    { path: "/orders/:order", title: "Order", isListed: false, under: "/orders", load: () => import("./Order.svelte") },
    { path: "/why-not/:decision", title: "Why not", isListed: false, under: "/", load: () => import("./WhyNot.svelte") },
  ],
};
