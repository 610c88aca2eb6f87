import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

/** Tests of whatever is no component; components are visited in a real browser by tests/console of the project. */
export default defineConfig({
  plugins: [svelte()],
  test: { include: ["tests/**/*.test.ts"], setupFiles: ["tests/browser.ts"], isolate: false, pool: "threads", maxWorkers: 2, reporters: ["default"] },
});
