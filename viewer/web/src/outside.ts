/** What those outside the page may know of it: tools that take pictures, tests, a person in the console. */

import { useEffect } from "preact/hooks";
import type { View } from "./scene/view";
import type { Store } from "./store";

declare global {
  interface Window {
    plumbline?: { store?: Store; scene?: Pick<View, "project" | "pick" | "stats" | "camera_m"> };
  }
}

/** Say that the page shows what it was asked for (`html[data-ready=true]`), once that is drawn. */
export function useReady(ready: boolean): void {
  useEffect(() => {
    if (!ready) return;
    // the first frame is asked for now and drawn before the second begins
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => (document.documentElement.dataset.ready = "true"));
    });
    return () => {
      cancelAnimationFrame(frame);
      delete document.documentElement.dataset.ready;
    };
  }, [ready]);
}
