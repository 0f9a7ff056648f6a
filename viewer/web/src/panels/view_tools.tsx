/** Tools over the 3D view: orbit or walk, x-ray, section plane, isolation, and the storeys' slider. */

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { said, t } from "../i18n";
import { store, type Axis } from "../store";
import { IconButton, Segmented, Slider } from "../ui/controls";
import { Icon } from "../ui/icons";
import { readingText } from "../units";

export function ViewTools(): JSX.Element {
  const plane = store.sectionPlane.value;
  return (
    <div class="view-tools" role="toolbar" aria-label={t("tools.label")}>
      <Segmented
        label={t("tools.mode")}
        iconsOnly
        value={store.viewMode.value}
        onChange={(mode) => (store.viewMode.value = mode)}
        options={[
          { value: "orbit", text: t("tools.orbit"), icon: "orbit" },
          { value: "walk", text: t("tools.walk"), icon: "walk" },
        ]}
      />
      <i class="rule" />
      <IconButton icon="xray" label={t("tools.xray")} hint="X" pressed={store.xray.value} onClick={() => (store.xray.value = !store.xray.value)} />
      <IconButton icon="section" label={t("tools.section")} hint="C" pressed={plane.on} onClick={toggleSection} />
      <IconButton icon="isolate" label={t("tools.isolate")} hint="I" pressed={store.isolation.value !== null} onClick={isolateSelection} />
      <i class="rule" />
      <IconButton icon="top" label={t("tools.top")} hint="T" onClick={() => store.moveCamera("top")} />
      <IconButton icon="plus" label={t("tools.zoom_in")} hint="+" onClick={() => store.moveCamera("zoom_in")} />
      <IconButton icon="minus" label={t("tools.zoom_out")} hint="−" onClick={() => store.moveCamera("zoom_out")} />
      <IconButton icon="reset" label={t("tools.reset")} hint="R" onClick={() => store.resetView()} />
    </div>
  );
}

export function toggleSection(): void {
  const plane = store.sectionPlane.value;
  const bounds = store.site.value?.bounds_m;
  const fresh = !plane.on && plane.position_m === 0 && bounds !== undefined;
  store.sectionPlane.value = {
    ...plane,
    on: !plane.on,
    ...(fresh ? { axis: "y" as const, position_m: (bounds[1] + bounds[3]) / 2 } : {}),
  };
}

/** Isolate the storey or building of what is selected; again, or with nothing selected, show all. */
export function isolateSelection(): void {
  const ref = store.selection.value;
  const index = store.index.value;
  if (store.isolation.value !== null || ref === null || index === null) {
    store.isolate(null);
    return;
  }
  if (ref.type === "building") store.isolate({ building: ref.id });
  else if (ref.type === "storey") store.isolate({ storey: ref.id });
  else if (ref.type === "device") {
    const position = index.position.get(ref.id);
    const storey = position === undefined ? null : index.devices.storey[position];
    const building = position === undefined ? null : index.devices.building[position];
    if (storey) store.isolate({ storey });
    else if (building) store.isolate({ building });
  } else if (ref.type === "space") {
    // the storey whose id the space's id continues, if ids are written that way; otherwise nothing is isolated
    const storey = [...index.storey.keys()].find((id) => ref.id.startsWith(`${id}/`));
    if (storey !== undefined) store.isolate({ storey });
  }
}

export function SectionControls(): JSX.Element | null {
  const plane = store.sectionPlane.value;
  const bounds = store.site.value?.bounds_m;
  if (!plane.on || bounds === undefined) return null;
  const top_m = Math.max(10, ...(store.index.value?.buildings.map((b) => b.base_elevation_m + b.height_m) ?? []));
  const limits: Record<Axis, [number, number]> = { x: [bounds[0], bounds[2]], y: [bounds[1], bounds[3]], z: [-10, top_m + 2] };
  const [min, max] = limits[plane.axis];
  const set = (change: Partial<typeof plane>): void => {
    store.sectionPlane.value = { ...plane, ...change };
  };
  return (
    <div class="section-controls" role="group" aria-label={t("tools.section")}>
      <Segmented
        label={t("section.axis")}
        value={plane.axis}
        onChange={(axis) => set({ axis, position_m: (limits[axis][0] + limits[axis][1]) / 2 })}
        options={[
          { value: "x", text: t("section.x") },
          { value: "y", text: t("section.y") },
          { value: "z", text: t("section.z") },
        ]}
      />
      <Slider
        label={t("section.position")}
        value={plane.position_m}
        min={min}
        max={max}
        step={0.25}
        text={readingText(plane.position_m, "m", 1)}
        onInput={(position_m) => set({ position_m })}
      />
      <span class="num">{readingText(plane.position_m, "m", 1)}</span>
      <IconButton icon="flip" label={t("section.flip")} pressed={plane.flip} onClick={() => set({ flip: !plane.flip })} />
      <IconButton icon="close" label={t("action.close")} onClick={toggleSection} />
    </div>
  );
}

interface Level {
  elevation_m: number;
  text: string;
}

/** Storeys by height: of the isolated building, else of the tallest. */
function useLevels(): Level[] {
  const index = store.index.value;
  const isolated = store.isolation.value?.building;
  const language = store.language.value;
  return useMemo(() => {
    const tallest = index?.buildings.reduce((a, b) => (b.height_m > a.height_m ? b : a), index.buildings[0]!);
    const building = (isolated === undefined ? undefined : index?.building.get(isolated)) ?? tallest;
    return (building?.storeys ?? []).map((s) => ({ elevation_m: s.elevation_m, text: said(s.name) }));
  }, [index, isolated, language]);
}

export function StoreySlider(): JSX.Element | null {
  const levels = useLevels();
  const range = store.storeyRange.value;
  if (levels.length < 2) return null;
  const top = levels.length;
  const k = range === null ? top : levels.filter((l) => l.elevation_m < range.to_m).length - 1;
  const set = (value: number): void => {
    const at = Math.max(0, Math.min(top, Math.round(value)));
    // half a metre above its floor takes in storeys of other buildings on nearly the same height
    store.storeyRange.value = at === top ? null : { from_m: -Infinity, to_m: levels[at]!.elevation_m + 0.5 };
  };
  const text = k >= top ? t("storeys.all") : t("storeys.up_to", { name: levels[Math.max(0, k)]!.text });
  return (
    <div class="storey-slider">
      <IconButton icon="plus" label={t("storeys.more")} hint="]" disabled={k >= top} onClick={() => set(k + 1)} />
      <Slider vertical label={t("storeys.label")} value={k} min={0} max={top} step={1} text={text} onInput={set} />
      <IconButton icon="minus" label={t("storeys.fewer")} hint="[" disabled={k <= 0} onClick={() => set(k - 1)} />
      <output>{k >= top ? <Icon name="layers" size={15} /> : levels[Math.max(0, k)]!.text}</output>
    </div>
  );
}

/** One storey more or fewer, for the keyboard. */
export function stepStoreys(step: 1 | -1): void {
  const index = store.index.value;
  if (index === null) return;
  const isolated = store.isolation.value?.building;
  const tallest = index.buildings.reduce((a, b) => (b.height_m > a.height_m ? b : a), index.buildings[0]!);
  const levels = ((isolated === undefined ? undefined : index.building.get(isolated)) ?? tallest)?.storeys ?? [];
  const range = store.storeyRange.value;
  const k = range === null ? levels.length : levels.filter((l) => l.elevation_m < range.to_m).length - 1;
  const at = Math.max(0, k + step);
  store.storeyRange.value = at >= levels.length ? null : { from_m: -Infinity, to_m: levels[at]!.elevation_m + 0.5 };
}

/** What alone is shown, said in words with the way back. */
export function IsolationBanner(): JSX.Element | null {
  const isolation = store.isolation.value;
  const index = store.index.value;
  if (isolation === null || index === null) return null;
  const words = [
    isolation.building && said(index.building.get(isolation.building)?.name),
    isolation.storey && said(index.storey.get(isolation.storey)?.name),
  ];
  return (
    <div class="banner">
      <Icon name="isolate" size={15} />
      <span>{t("tools.only", { name: words.filter(Boolean).join(" · ") })}</span>
      <button type="button" onClick={() => store.isolate(null)}>
        {t("tools.show_all")}
      </button>
    </div>
  );
}
