// Sets the chosen colours before the first paint; the theme provider of web-kit keeps the same key.
(() => {
  let chosen = "auto";
  try {
    chosen = localStorage.getItem("meterline-color-scheme") ?? "auto";
  } catch {
    // Storage may be forbidden; the system's scheme is then used.
  }
  const dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
})();
