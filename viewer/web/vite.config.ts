import { defineConfig } from "vitest/config";

const server = process.env.PLUMBLINE_SERVER ?? "http://127.0.0.1:8750";

export default defineConfig({
  base: "/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../static",
    emptyOutDir: true,
    target: "es2022",
    // three.js and MapLibre are one large chunk each, loaded only by the page that needs them
    chunkSizeWarningLimit: 1200,
  },
  worker: { format: "es" },
  server: { host: "127.0.0.1", proxy: { "/api": { target: server, ws: true } } },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
