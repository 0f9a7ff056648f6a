/** Start: preferences, the site, the feed, the page. */

import "./tokens.css";
import "./ui/base.css";
import "./pages/layout.css";
import "./panels/panels.css";
import "./print.css";
import { effect } from "@preact/signals";
import { lazy, Suspense } from "preact/compat";
import { render, type JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { keepFlows, loadSite, openFeed } from "./api";
import { t } from "./i18n";
import "./outside";
import { Header } from "./pages/header";
import { Disconnected, ViewPage } from "./pages/view_page";
import { startPreferences } from "./preferences";
import { page } from "./router";
import { SHEETS, store } from "./store";
import { Failure, IconButton, Loading } from "./ui/controls";
import { Icon } from "./ui/icons";
import { errorText } from "./ui/load";

// MapLibre is loaded only where there is a map
const MapPage = lazy(() => import("./pages/map_page").then((m) => m.MapPage));
const CrewPage = lazy(() => import("./crew/crew_page").then((m) => m.CrewPage));

function App(): JSX.Element {
  const [error, setError] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  const ready = store.index.value !== null;
  useEffect(() => {
    let close: (() => void) | null = null;
    let ended = false;
    setError(null);
    loadSite()
      .then(() => {
        if (!ended) close = openFeed();
      })
      .catch((reason: unknown) => setError(errorText(reason)));
    return () => {
      ended = true;
      close?.();
    };
  }, [round]);
  useEffect(() => {
    const timer = setInterval(() => store.tick(), 1000);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    document.title = `${t(`page.${page.value}`)} · ${t("app.name")}`;
  });
  return (
    <>
      <Header />
      <Disconnected />
      {ready ? (
        <Suspense fallback={<Loading />}>
          {page.value === "view" && <ViewPage />}
          {page.value === "map" && <MapPage />}
          {page.value === "crew" && <CrewPage />}
        </Suspense>
      ) : (
        <main class="start">
          {error === null ? <Loading text={t("app.loading")} /> : <Failure text={error} retry={() => setRound(round + 1)} />}
        </main>
      )}
      <Toasts />
    </>
  );
}

function Toasts(): JSX.Element {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {store.toasts.value.map((toast) => (
        <div key={toast.id} class={`toast ${toast.kind}`}>
          <Icon name={toast.kind === "done" ? "check" : "warning"} size={16} />
          <span>{toast.text}</span>
          <IconButton icon="close" label={t("action.close")} onClick={() => store.dismiss(toast.id)} />
        </div>
      ))}
    </div>
  );
}

/** How much of the view the sheet covers that is up, for the view to look past it. */
effect(() => {
  const up = store.sheet.value !== null;
  requestAnimationFrame(() => {
    const sheet = up && matchMedia(SHEETS).matches ? document.querySelector<HTMLElement>(".panel.up") : null;
    store.covered_px.value = sheet?.offsetHeight ?? 0;
  });
});

startPreferences();
keepFlows();
window.plumbline = { store };
render(<App />, document.getElementById("app")!);
