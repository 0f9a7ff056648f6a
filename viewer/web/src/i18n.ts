/** All words, in both languages; the language is state, so a page changes without reloading. */

import en from "./i18n/en.json";
import zh from "./i18n/zh.json";
import { store } from "./store";
import type { Text } from "./types";

export type Word = keyof typeof en;
const WORDS: Record<"zh" | "en", Record<string, string>> = { zh, en };

/** The words for a key, `{name}` replaced by parameters. */
export function t(key: Word, parameters: Record<string, string | number> = {}): string {
  const words = WORDS[store.language.value][key] ?? key;
  return words.replace(/\{(\w+)\}/g, (whole, name: string) => String(parameters[name] ?? whole));
}

/** The words for a key made of a prefix and a code, or the code itself where there are none. */
export function coded(prefix: string, code: string | null | undefined): string {
  if (code === null || code === undefined) return "";
  return WORDS[store.language.value][`${prefix}.${code}`] ?? code.replaceAll("_", " ");
}

/** A bilingual text in the language of the page; the other where it is absent. */
export function said(text: Text | string | null | undefined): string {
  if (text === null || text === undefined) return "";
  if (typeof text === "string") return text;
  return (store.language.value === "zh" ? text.zh || text.en : text.en || text.zh) ?? "";
}
