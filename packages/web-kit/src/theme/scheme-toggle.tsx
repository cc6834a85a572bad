import { type MantineColorScheme, useMantineColorScheme } from "@mantine/core";
import { IconDeviceDesktop, IconMoon, IconSun } from "@tabler/icons-react";

const NEXT: Record<MantineColorScheme, MantineColorScheme> = { auto: "light", light: "dark", dark: "auto" };
const NAMES: Record<MantineColorScheme, string> = { auto: "system", light: "light", dark: "dark" };
const ICONS = { auto: IconDeviceDesktop, light: IconSun, dark: IconMoon };

/** One button that steps through system, light and dark, and says which is on and which comes next. */
export function SchemeToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Icon = ICONS[colorScheme];
  const label = `Colours: ${NAMES[colorScheme]}. Switch to ${NAMES[NEXT[colorScheme]]}`;
  return (
    <button
      type="button"
      className="ml-quiet"
      aria-label={label}
      title={label}
      onClick={() => setColorScheme(NEXT[colorScheme])}
    >
      <Icon size={18} stroke={1.6} aria-hidden />
    </button>
  );
}
