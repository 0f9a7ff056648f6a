/** Which page: one bundle, routed in the browser. */

import { signal } from "@preact/signals";

export type Page = "view" | "map" | "crew";
const PATHS: Record<Page, string> = { view: "/", map: "/map", crew: "/crew" };

function pageOf(path: string): Page {
  if (path.startsWith("/map")) return "map";
  return path.startsWith("/crew") ? "crew" : "view";
}

export const page = signal<Page>(pageOf(location.pathname));

export function pathOf(target: Page): string {
  return PATHS[target];
}

export function go(target: Page): void {
  if (page.value === target) return;
  history.pushState(null, "", PATHS[target] + location.search);
  page.value = target;
}

addEventListener("popstate", () => (page.value = pageOf(location.pathname)));
