import { loadSite, loadStandings } from "./src/api";
import * as A from "./src/api";
import { store } from "./src/store";
import { createScene } from "./src/scene";
(window as any).store = store;
const p = new URLSearchParams(location.search);
if (p.get("theme") === "dark") { document.documentElement.dataset.theme = "dark"; store.theme.value = "dark"; }
store.language.value = (p.get("lang") as any) ?? "zh";
await loadSite(); await loadStandings();
const start = (A as any).startFeed ?? (A as any).connectFeed ?? (A as any).openFeed; start?.();
const t0 = performance.now();
const view = await createScene(document.getElementById("h")!, store);
(window as any).view = view; (window as any).took = performance.now() - t0; (window as any).ready = true;
