import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where `npm start` serves the API; only the development server asks it through a proxy. */
const API = process.env["METERLINE_URL"] ?? "http://localhost:4400";

export default defineConfig({
  base: "/portal/",
  plugins: [react()],
  resolve: { conditions: ["meterline-source", "browser", "module", "import", "default"] },
  build: { manifest: true, sourcemap: true, target: "es2023" },
  server: { proxy: { "/graphql": { target: API, ws: true }, "/api": API } },
});
