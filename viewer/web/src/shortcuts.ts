/** Keys of the engineer's page; none acts while one types. */

import { show } from "./actions";
import * as coverage from "./coverage/state";
import { isolateSelection, stepStoreys, toggleSection } from "./panels/view_tools";
import { toggleLanguage, toggleTheme } from "./preferences";
import { SHEETS, store } from "./store";

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) && (target as HTMLInputElement).type !== "range";
}

function flyToSelection(): void {
  const ref = store.selection.value;
  const position = ref?.type === "device" ? store.index.value?.position.get(ref.id) : undefined;
  if (ref !== null) show(ref, position === undefined ? null : store.index.value!.point(position));
  if (ref !== null && position === undefined) store.fit(ref);
}

/** One step back: out of the dialog, the sheet, what lies over the estate, the selection, the isolation. */
function escape(): void {
  if (store.helpOpen.value) store.helpOpen.value = false;
  else if (store.sheet.value !== null && matchMedia(SHEETS).matches) store.sheet.value = null;
  else if (store.lens.value !== null) store.lens.value = null;
  else if (coverage.shown.value && store.selection.value === null) coverage.close();
  else if (store.selection.value !== null) store.select(null);
  else store.isolate(null);
}

const KEYS: Record<string, () => void> = {
  "/": () => {
    store.sheet.value = "find";
    requestAnimationFrame(() => document.getElementById("search")?.focus());
  },
  escape,
  i: isolateSelection,
  x: () => (store.xray.value = !store.xray.value),
  c: toggleSection,
  g: () => (store.flowsOn.value = !store.flowsOn.value),
  "[": () => stepStoreys(-1),
  "]": () => stepStoreys(1),
  o: () => (store.viewMode.value = "orbit"),
  w: () => (store.viewMode.value = "walk"),
  t: () => store.moveCamera("top"),
  "+": () => store.moveCamera("zoom_in"),
  "=": () => store.moveCamera("zoom_in"),
  "-": () => store.moveCamera("zoom_out"),
  r: () => store.resetView(),
  f: flyToSelection,
  a: () => {
    store.detailTab.value = "alarms";
    store.sheet.value = "details";
  },
  k: () => {
    store.detailTab.value = "leaks";
    store.sheet.value = "details";
  },
  v: () => {
    store.detailTab.value = "coverage";
    store.sheet.value = "details";
  },
  e: () => {
    store.detailTab.value = "evacuation";
    store.sheet.value = "details";
  },
  l: toggleLanguage,
  d: toggleTheme,
  "?": () => (store.helpOpen.value = true),
};
/** While one walks, these keys are steps (the scene reads them). */
const STEPS = new Set(["w", "a", "d", "s", "q", "e"]);

/** Those keys that mean something on the map as well. */
export const MAP_KEYS: ReadonlySet<string> = new Set(["/", "escape", "a", "k", "v", "l", "d"]);

/** Let keys act, all of them or only some; the answer ends it. */
export function startShortcuts(only?: ReadonlySet<string>): () => void {
  const pressed = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || typing(event.target)) return;
    const key = event.key.toLowerCase();
    if (store.viewMode.value === "walk" && STEPS.has(key)) return;
    if (document.querySelector("dialog[open]") !== null) return;
    const act = KEYS[key];
    if (act === undefined || only?.has(key) === false) return;
    event.preventDefault();
    act();
  };
  addEventListener("keydown", pressed);
  return () => removeEventListener("keydown", pressed);
}
