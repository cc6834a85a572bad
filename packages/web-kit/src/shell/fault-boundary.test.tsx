// @vitest-environment jsdom
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { provideBrowserParts } from "../testing/render-app.tsx";
import { ThemeProvider } from "../theme/theme-provider.tsx";
import { FaultBoundary } from "./fault-boundary.tsx";

provideBrowserParts();
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

function Broken(): never {
  throw new Error("secret");
}

const at = (path: string) => (
  <ThemeProvider>
    <FaultBoundary at={path}>{path === "/broken" ? <Broken /> : <p>Fine</p>}</FaultBoundary>
  </ThemeProvider>
);

test("a page that cannot be drawn says so, and another one opens from there", () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  const { rerender } = render(at("/"));
  rerender(at("/broken"));
  expect(screen.getByRole("alert").textContent).toContain("Something failed on our side");
  expect(screen.queryByRole("main")).toBeNull();
  rerender(at("/"));
  expect(screen.getByText("Fine")).toBeDefined();
});
