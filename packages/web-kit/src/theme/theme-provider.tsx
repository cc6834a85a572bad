import "@mantine/core/styles.css";
import "./tokens.css";
import "./base.css";
import "./forms.css";
import "./lists.css";
import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import type { ReactNode } from "react";
import { cssVariablesResolver, theme } from "./theme.ts";

/** The key is also read by each app's public/color-scheme.js, which sets the scheme before the first paint. */
const schemeManager = localStorageColorSchemeManager({ key: "meterline-color-scheme" });

/** The look of both apps. The scheme follows the system until the person chooses one; the choice is remembered. */
export function ThemeProvider({ children }: { children: ReactNode }) {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariablesResolver}
      colorSchemeManager={schemeManager}
      defaultColorScheme="auto"
    >
      {children}
    </MantineProvider>
  );
}
