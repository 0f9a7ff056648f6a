/** The map of the estate with its storeys, and the same card beside it. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { said, t } from "../i18n";
import { SiteMap } from "../map/site_map";
import { QualityMark, SeverityMark } from "../panels/marks";
import { store } from "../store";
import { Select } from "../ui/controls";
import { Details } from "./details";
import { SheetBar } from "./view_page";

export function MapPage(): JSX.Element {
  const [building, setBuilding] = useState("");
  const [storey, setStorey] = useState("");
  const index = store.index.value!;
  const ref = store.selection.value;
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
  const storeys = [...(index.building.get(building)?.storeys ?? [])].reverse();
  return (
    <main class="map-page">
      <section class="viewport" aria-label={t("page.map")}>
        <SiteMap storey={storey === "" ? null : storey} />
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
        <div class="map-key" aria-label={t("map.key")}>
          <div>
            <QualityMark quality="good" /> {t("map.reporting")}
          </div>
          <div>
            <QualityMark quality="never" /> {t("map.silent")}
          </div>
          <div>
            <SeverityMark severity="critical" /> {t("map.alarm")}
          </div>
        </div>
      </section>
      <Details />
      <SheetBar />
    </main>
  );
}
