/** The map of the estate with its storeys, and the same card beside it. */

import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { said, t } from "../i18n";
import { SiteMap } from "../map/site_map";
import { CoverageKey } from "../coverage/key";
import { openedPlace } from "../coverage/state";
import { OverlayKey } from "../panels/overlay_key";
import { QualityMark, SeverityMark } from "../panels/marks";
import { MAP_KEYS, startShortcuts } from "../shortcuts";
import { store } from "../store";
import { Select } from "../ui/controls";
import { linesOn } from "../ways/lines";
import * as ways from "../ways/state";
import { Icon } from "../ui/icons";
import { Details } from "./details";
import { FindPanel } from "./find";
import { SheetBar } from "./view_page";

export function MapPage(): JSX.Element {
  const [building, setBuilding] = useState("");
  const [storey, setStorey] = useState("");
  const index = store.index.value!;
  const ref = store.selection.value;
  useEffect(() => startShortcuts(MAP_KEYS), []);
  // what is selected indoors is shown on its storey; choosing a building offers its storeys
  useEffect(() => {
    if (ref === null) return;
    const position = ref.type === "device" ? index.position.get(ref.id) : undefined;
    const inside = ref.type === "storey" ? ref.id : position === undefined ? null : index.devices.storey[position];
    if (ref.type === "building") {
      setBuilding(ref.id);
      setStorey("");
    } else if (inside) {
      setBuilding(index.storey.get(inside)?.building ?? "");
      setStorey(inside);
    } else if (position !== undefined) setStorey("");
  }, [ref]);
  // "only this" of the tree means its storey here; a whole building means what stands on the ground
  const isolation = store.isolation.value;
  useEffect(() => {
    if (isolation === null) return;
    setBuilding(isolation.building ?? "");
    setStorey(isolation.storey ?? "");
  }, [isolation]);
  const found = ways.found.value;
  const way = useMemo(() => linesOn(found, storey === "" ? null : storey), [found, storey]);
  const chosen = ways.storey.value;
  useEffect(() => {
    if (chosen?.id === null) setStorey("");
  }, [chosen]);
  const place = openedPlace.value;
  useEffect(() => {
    if (place?.storey === null) setStorey("");
  }, [place?.key]);
  const storeys = [...(index.building.get(building)?.storeys ?? [])].reverse();
  return (
    <main class="map-page">
      <FindPanel />
      <section class="viewport" aria-label={t("page.map")}>
        <SiteMap storey={storey === "" ? null : storey} way={way} />
        <div class="map-storeys">
          <Select
            label={t("list.building")}
            hideLabel
            value={building}
            options={[{ value: "", text: t("map.grounds") }, ...index.buildings.map((b) => ({ value: b.id, text: said(b.name) }))]}
            onChange={(id) => {
              setBuilding(id);
              setStorey("");
              if (id !== "") store.fit({ type: "building", id });
            }}
          />
          {storeys.length > 0 && (
            <Select
              label={t("map.storey")}
              hideLabel
              value={storey}
              options={[{ value: "", text: t("map.no_storey") }, ...storeys.map((s) => ({ value: s.id, text: said(s.name) }))]}
              onChange={setStorey}
            />
          )}
        </div>
        <OverlayKey />
        <CoverageKey />
        <details class="map-key" open={innerWidth > 900}>
          <summary>{t("map.key")}</summary>
          <div>
            <QualityMark quality="good" /> {t("map.reporting")}
          </div>
          <div>
            <QualityMark quality="never" /> {t("map.silent")}
          </div>
          <div>
            <SeverityMark severity="critical" /> {t("map.alarm")}
          </div>
          <div>
            <i class="key-fire" /> {t("map.fire")}
          </div>
          <div>
            <i class="key-gate" /> {t("map.gate")}
          </div>
          <div>
            <Icon name="people" size={14} class="key-people" /> {t("map.assembly")}
          </div>
        </details>
      </section>
      <Details />
      <SheetBar />
    </main>
  );
}
