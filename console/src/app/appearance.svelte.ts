/** Light, dark or as the machine is set; kept in this browser. */
export type Theme = "system" | "light" | "dark";

const KEY = "assay.theme";
const THEMES: readonly Theme[] = ["system", "light", "dark"];

class Appearance {
  theme = $state<Theme>(kept());

  set(theme: Theme): void {
    this.theme = theme;
    localStorage.setItem(KEY, theme);
    this.apply();
  }

  next(): void {
    this.set(THEMES[(THEMES.indexOf(this.theme) + 1) % THEMES.length] ?? "system");
  }

  apply(): void {
    if (this.theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = this.theme;
  }
}

function kept(): Theme {
  const found = localStorage.getItem(KEY);
  return THEMES.find((theme) => theme === found) ?? "system";
}

export const appearance = new Appearance();
