import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";

/**
 * Petrol, the one accent. Shade 7 on the light page and shade 4 on the dark one both pass 4.5:1 as text; a test holds that.
 * Components take colours from here or from tokens.css, never by literal.
 */
const petrol: MantineColorsTuple = [
  "#e9f5f6",
  "#d2e8ea",
  "#a6d1d5",
  "#7fbfc6",
  "#62b3bc",
  "#31909b",
  "#1a7783",
  "#0e616c",
  "#0b4f58",
  "#073a41",
];

/** Warm greys: paper to ink. */
const stone: MantineColorsTuple = [
  "#f7f7f3",
  "#eeeee8",
  "#e2e1d9",
  "#cfcec4",
  "#a9a89d",
  "#7e7e74",
  "#62625a",
  "#494943",
  "#2f302c",
  "#1c1d1a",
];

/** The same greys seen at night; Mantine reads text from shade 0 and surfaces from 6 and 7. */
const dark: MantineColorsTuple = [
  "#e6e7e3",
  "#c3c6c1",
  "#a3a8a4",
  "#7d837f",
  "#4a514e",
  "#363c3a",
  "#262c2a",
  "#1c2120",
  "#151918",
  "#0f1211",
];

/** Typography and colour of both apps. */
export const theme = createTheme({
  colors: { petrol, gray: stone, dark },
  primaryColor: "petrol",
  primaryShade: { light: 7, dark: 6 },
  fontFamily: "'IBM Plex Sans Variable', system-ui, -apple-system, 'Segoe UI', sans-serif",
  fontFamilyMonospace: "'IBM Plex Mono', ui-monospace, 'SFMono-Regular', Menlo, monospace",
  headings: { fontFamily: "'IBM Plex Sans Variable', system-ui, sans-serif", fontWeight: "600" },
  defaultRadius: "sm",
  cursorType: "pointer",
  focusRing: "auto",
  autoContrast: true,
  respectReducedMotion: true,
  // A field's note stands below it: beside one without a note, both boxes are at one height.
  components: { InputWrapper: { defaultProps: { inputWrapperOrder: ["label", "input", "description", "error"] } } },
});

/** Mantine's own surfaces and text follow our tokens, so that its components and ours are one set. */
export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": "#f7f7f3",
    "--mantine-color-text": "#1c1d1a",
    "--mantine-color-dimmed": "#5b5c54",
    "--mantine-color-error": "#a5281b",
    "--mantine-color-placeholder": "#6d6e65",
    "--mantine-color-anchor": "#0e616c",
  },
  dark: {
    "--mantine-color-body": "#121615",
    "--mantine-color-text": "#e6e7e3",
    "--mantine-color-dimmed": "#a3a8a4",
    "--mantine-color-error": "#f1968a",
    "--mantine-color-placeholder": "#8d938f",
    "--mantine-color-anchor": "#7fc9d1",
  },
});
