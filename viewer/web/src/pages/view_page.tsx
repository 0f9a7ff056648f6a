/** The engineer's page: find on the left, the estate in the middle, what is chosen on the right. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n";
import { useReady } from "../outside";
import { Help } from "../panels/help";
import { CoverageKey } from "../coverage/key";
import { OverlayKey } from "../panels/overlay_key";
import { IsolationBanner, SectionControls, StoreySlider, ViewTools } from "../panels/view_tools";
import { startShortcuts } from "../shortcuts";
import { store } from "../store";
import { Button, Failure, Loading } from "../ui/controls";
import { Icon, type IconName } from "../ui/icons";
import { errorText } from "../ui/load";
import { integer } from "../units";
import { Details } from "./details";
import { FindPanel } from "./find";

export function ViewPage(): JSX.Element {
  useEffect(() => startShortcuts(), []);
  return (
    <main class="view-page">
      <FindPanel />
      <section class="viewport" aria-label={t("view.label")}>
        <Scene />
        <IsolationBanner />
        <StoreySlider />
        <div class="view-bottom">
          <SectionControls />
          <ViewTools />
        </div>
        <Counters />
        <OverlayKey />
        <CoverageKey />
      </section>
      <Details />
      <SheetBar />
      <Help />
    </main>
  );
}

function Scene(): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<"loading" | "ready" | { error: string }>("loading");
  const [round, setRound] = useState(0);
  const version = store.index.value?.version;
  useReady(state === "ready" && store.connection.value === "live");
  useEffect(() => {
    let ended = false;
    let dispose: (() => void) | null = null;
    setState("loading");
    import("../scene")
      .then(({ createScene }) => createScene(host.current!, store))
      .then((scene) => {
        if (ended) scene.dispose();
        else {
          dispose = () => scene.dispose();
          setState("ready");
        }
      })
      .catch((error: unknown) => !ended && setState({ error: errorText(error) }));
    return () => {
      ended = true;
      dispose?.();
    };
  }, [round, version]);
  return (
    <>
      <div ref={host} class="scene-host" />
      {state === "loading" && (
        <div class="over-view">
          <Loading text={t("view.loading")} />
        </div>
      )}
      {typeof state === "object" && (
        <div class="over-view">
          <Failure text={t("view.failed", { reason: state.error })} retry={() => setRound(round + 1)} />
          <p class="note">{t("view.failed_hint")}</p>
        </div>
      )}
    </>
  );
}

/** Live counters in the corner of the view. */
function Counters(): JSX.Element {
  const [good = 0, uncertain = 0, stale = 0, bad = 0, never = 0] = store.qualityCounts.value;
  return (
    <button
      type="button"
      class="counters"
      title={t("panel.site")}
      onClick={() => {
        store.detailTab.value = "site";
        store.sheet.value = "details";
      }}
    >
      <span>
        <b>{integer(good + uncertain + stale + bad + never)}</b> {t("counter.devices")}
      </span>
      <span class="quality good">
        <i />
        <b>{integer(good)}</b> {t("quality.good")}
      </span>
      {stale > 0 && (
        <span class="quality stale">
          <i />
          <b>{integer(stale)}</b> {t("quality.stale")}
        </span>
      )}
      {bad + uncertain > 0 && (
        <span class="quality bad">
          <i />
          <b>{integer(bad + uncertain)}</b> {t("quality.bad")}
        </span>
      )}
      <span>
        <b>{integer(store.updatesPerSecond.value)}</b> {t("counter.per_second")}
      </span>
    </button>
  );
}

/** On a phone: which sheet is up. */
export function SheetBar(): JSX.Element {
  const raised = store.activeAlarms.value.filter((a) => a.state === "raised").length;
  const details = (tab: "selection" | "alarms" | "leaks" | "coverage" | "evacuation" | "site"): void => {
    const same = store.sheet.value === "details" && store.detailTab.value === tab;
    store.detailTab.value = tab;
    store.sheet.value = same ? null : "details";
  };
  const isUp = (tab: string): boolean => store.sheet.value === "details" && store.detailTab.value === tab;
  const items: { text: string; icon: IconName; on: boolean; badge?: number; act: () => void }[] = [
    { text: t("panel.find"), icon: "search", on: store.sheet.value === "find", act: () => (store.sheet.value = store.sheet.value === "find" ? null : "find") },
    { text: t("panel.selection"), icon: "cube", on: isUp("selection"), act: () => details("selection") },
    { text: t("panel.alarms"), icon: "bell", on: isUp("alarms"), badge: raised, act: () => details("alarms") },
    { text: t("panel.leaks"), icon: "drop", on: isUp("leaks"), badge: store.openLeaks.value.length, act: () => details("leaks") },
    { text: t("panel.coverage"), icon: "camera", on: isUp("coverage"), act: () => details("coverage") },
    { text: t("panel.evacuation"), icon: "walk", on: isUp("evacuation"), act: () => details("evacuation") },
    { text: t("panel.site"), icon: "pulse", on: isUp("site"), act: () => details("site") },
  ];
  return (
    <nav class="sheet-bar" aria-label={t("panel.sheets")}>
      {items.map((item) => (
        <button key={item.text} type="button" aria-pressed={item.on} onClick={item.act}>
          <Icon name={item.icon} size={20} />
          <span>{item.text}</span>
          {item.badge !== undefined && item.badge > 0 && <em class="badge critical">{item.badge}</em>}
        </button>
      ))}
    </nav>
  );
}

export function Disconnected(): JSX.Element | null {
  if (store.connection.value !== "lost") return null;
  return (
    <div class="disconnected" role="alert">
      <Icon name="unlink" size={16} />
      {t("connection.lost_hint")}
      <Button tone="quiet" onClick={() => location.reload()}>
        {t("action.reload")}
      </Button>
    </div>
  );
}
