/** Which page, and on the crew's page which order: one bundle, routed in the browser. */

import { batch, signal } from "@preact/signals";

export type Page = "view" | "map" | "crew";
const PATHS: Record<Page, string> = { view: "/", map: "/map", crew: "/crew" };
const ORDER = "/crew/orders/";

function pageOf(path: string): Page {
  if (path.startsWith("/map")) return "map";
  return path.startsWith("/crew") ? "crew" : "view";
}

/** The order that a path names, if any. */
export function orderOf(path: string): string | null {
  return path.startsWith(ORDER) && path.length > ORDER.length ? decodeURIComponent(path.slice(ORDER.length)) : null;
}

export const page = signal<Page>(pageOf(location.pathname));
/** The order that is open on the crew's page; it has its own address, so that the phone's back button closes it. */
export const openOrder = signal<string | null>(orderOf(location.pathname));

export function pathOf(target: Page): string {
  return PATHS[target];
}

export function go(target: Page): void {
  if (page.value === target && openOrder.value === null) return;
  history.pushState(null, "", PATHS[target] + location.search);
  read();
}

export function goToOrder(id: string): void {
  history.pushState({ from_list: true }, "", ORDER + encodeURIComponent(id) + location.search);
  read();
}

/** Back to the list of orders: by the way one came, or straight there where the address was opened itself. */
export function leaveOrder(): void {
  const { from_list = false } = (history.state ?? {}) as { from_list?: boolean };
  if (from_list) history.back();
  else go("crew");
}

function read(): void {
  batch(() => {
    page.value = pageOf(location.pathname);
    openOrder.value = orderOf(location.pathname);
  });
}

addEventListener("popstate", read);
