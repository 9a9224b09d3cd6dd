import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The backend that `npm run dev` asks; the built page asks the host that it came from.
const backend = process.env.CALYPSO_URL ?? "http://127.0.0.1:8000";

export default defineConfig(({ command }) => ({
  // Django serves the built files there, and the page itself at every other path.
  base: command === "build" ? "/static/app/" : "/",
  plugins: [react(), tailwindcss()],
  // The content security policy allows no data: fonts, so nothing is inlined.
  build: { outDir: "dist", assetsInlineLimit: 0, chunkSizeWarningLimit: 800 },
  // The Host header stays as the browser sent it, or the backend's CSRF check would refuse every write.
  server: {
    proxy: {
      "/api": { target: backend, changeOrigin: false },
      "/admin": { target: backend, changeOrigin: false },
      "/ws": { target: backend, changeOrigin: false, ws: true },
    },
  },
  test: { environment: "jsdom", setupFiles: ["src/testing.ts"], css: false },
}));
