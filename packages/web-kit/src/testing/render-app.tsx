import { ApolloProvider } from "@apollo/client/react";
import { cleanup, render, type RenderResult } from "@testing-library/react";
import type { ReactNode } from "react";
import { MemoryRouter } from "react-router";
import { SessionProvider, type Viewer } from "../session/session.tsx";
import { ThemeProvider } from "../theme/theme-provider.tsx";
import type { MockApi } from "./mock-api.ts";

/** A member of the customer of the fixtures. */
export const MEMBER: Viewer = {
  kind: "MEMBER",
  name: "Mia Member",
  email: "mia@example.test",
  role: "OWNER",
  customer: { id: "customer-1", name: "Northwind", externalId: "org-1", currency: "USD", timeZone: "UTC" },
};

/** One who may look and not change. */
export const LOOKING_MEMBER: Viewer = { ...MEMBER, name: "Vic Viewer", role: "VIEWER" };

/** Renders inside all that a page expects: theme, API, router at `path`, session. Unmounts what was rendered before. */
export function renderApp(
  ui: ReactNode,
  { api, path = "/", viewer = MEMBER }: { api: MockApi; path?: string; viewer?: Viewer },
): RenderResult {
  provideBrowserParts();
  cleanup();
  return render(
    <ThemeProvider>
      <ApolloProvider client={api.client}>
        <MemoryRouter initialEntries={[path]}>
          <SessionProvider value={{ app: "portal", viewer, signOut: () => undefined }}>{ui}</SessionProvider>
        </MemoryRouter>
      </ApolloProvider>
    </ThemeProvider>,
  );
}

/** The size in pixels of every element, so that a chart has room to be drawn in. */
const SCREEN_WIDTH = 800;
const SCREEN_HEIGHT = 300;

/** jsdom has no layout: the parts of a browser that only measure are stood in for. */
export function provideBrowserParts(): void {
  window.matchMedia ??= (query: string) =>
    ({
      matches: false,
      media: query,
      addEventListener: () => undefined,
      removeEventListener: () => undefined,
    }) as never;
  globalThis.ResizeObserver ??= class {
    observe() {}
    unobserve() {}
    disconnect() {}
  };
  Element.prototype.scrollIntoView ??= () => undefined;
  Element.prototype.getBoundingClientRect = () => new DOMRect(0, 0, SCREEN_WIDTH, SCREEN_HEIGHT);
}
