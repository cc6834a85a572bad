import { AppRoot } from "@meterline/web-kit";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { AdminRoutes } from "./admin-routes.tsx";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root.");

createRoot(root).render(
  <StrictMode>
    <AppRoot app="admin">
      <AdminRoutes />
    </AppRoot>
  </StrictMode>,
);
