import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

/**
 * The server serves what is built here at /console under a policy that allows scripts and styles of its own address
 * alone: so nothing may be inlined, neither an asset as a data: address nor a polyfill into the page.
 */
export default defineConfig({
  base: "/console/",
  plugins: [svelte()],
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 600,
  },
  worker: { format: "es" },
});
