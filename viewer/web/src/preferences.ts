/** Language, theme and who one is: kept in this browser, shown on the document. */

import { effect } from "@preact/signals";
import { store } from "./store";

const KEYS = { language: "plumbline.language", theme: "plumbline.theme", me: "plumbline.me", flows: "plumbline.flows" } as const;

export function kept(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // storage may be forbidden; the page works without memory
  }
}

export function keep(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // as above: what cannot be kept is chosen again next time
  }
}

/** Read what was chosen before, or what the address (`?lang=en&theme=dark`) or the browser asks for; then keep it. */
export function startPreferences(): void {
  const asked = new URLSearchParams(location.search);
  const language = asked.get("lang") ?? kept(KEYS.language) ?? (navigator.language.startsWith("zh") ? "zh" : "en");
  store.language.value = language === "zh" ? "zh" : "en";
  store.theme.value = (asked.get("theme") ?? kept(KEYS.theme)) === "dark" ? "dark" : "light";
  store.me.value = kept(KEYS.me);
  store.flowsOn.value = kept(KEYS.flows) !== "off";
  effect(() => {
    document.documentElement.lang = store.language.value === "zh" ? "zh-CN" : "en";
    keep(KEYS.language, store.language.value);
  });
  effect(() => {
    document.documentElement.dataset.theme = store.theme.value;
    keep(KEYS.theme, store.theme.value);
  });
  effect(() => keep(KEYS.me, store.me.value));
  effect(() => keep(KEYS.flows, store.flowsOn.value ? null : "off"));
}

export function toggleTheme(): void {
  store.theme.value = store.theme.value === "dark" ? "light" : "dark";
}

export function toggleLanguage(): void {
  store.language.value = store.language.value === "zh" ? "en" : "zh";
}
