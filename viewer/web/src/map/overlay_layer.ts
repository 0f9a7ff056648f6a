/** What lies over the estate, on the map: coloured pipes, signs at places. */

import { effect } from "@preact/signals";
import type { Feature, FeatureCollection } from "geojson";
import { type Map as GlMap, Marker } from "maplibre-gl";
import { keyOf, type Mark, type Overlay } from "../overlay";
import { store } from "../store";
import { cornersOf, extent, lonLat, setData, type LonLat } from "./ground";
import { FAINT_OPACITY, PIPE_OPACITY, rampColour } from "./style";

type Features = FeatureCollection["features"];
const PIPES = ["pipe", "pipe-indoors"];
const RAMPED = ["overlay", "overlay-dashed"];

/** The pipes that an overlay colours, with its values; exported for tests. */
export function shadedFeatures(features: Features, overlay: Overlay): Feature[] {
  return features.flatMap((feature): Feature[] => {
    const { layer, id } = feature.properties ?? {};
    const shade = layer === "pipe" ? overlay.shades.get(keyOf("pipe", String(id))) : undefined;
    if (shade === undefined) return [];
    return [{ type: "Feature", properties: { id, layer, dashed: false, ...shade }, geometry: feature.geometry }];
  });
}

/** Where the sign of a mark stands: its own point, else the middle of its thing; null where the map has neither. */
function markPlace(mark: Mark, byId: ReadonlyMap<string, Feature>): LonLat | null {
  if (mark.point_m !== null) return lonLat(mark.point_m[0], mark.point_m[1]);
  // a flat is not on the map of the grounds: its building is
  const feature = byId.get(mark.of.id) ?? byId.get(store.index.peek()?.buildingOf(mark.of.id) ?? "");
  if (feature === undefined) return null;
  const [a, b] = extent(cornersOf(feature.geometry));
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
}

export function watchOverlay(map: GlMap, features: Features): () => void {
  const markers: Marker[] = [];
  const byId = new Map(features.map((f) => [String(f.properties?.id), f]));
  const stop = effect(() => {
    const overlay = store.overlay.value;
    for (const marker of markers.splice(0)) marker.remove();
    setData(map, "overlay", overlay === null ? [] : shadedFeatures(features, overlay));
    for (const layer of PIPES) map.setPaintProperty(layer, "line-opacity", overlay === null ? PIPE_OPACITY : FAINT_OPACITY);
    if (overlay === null) return;
    for (const layer of RAMPED) map.setPaintProperty(layer, "line-color", rampColour(overlay.ramp));
    for (const mark of overlay.marks) {
      const at = markPlace(mark, byId);
      if (at === null) continue;
      const element = document.createElement("button");
      element.className = `map-mark ${mark.tone}`;
      element.textContent = mark.text;
      element.title = mark.of.id;
      element.setAttribute("aria-label", `${mark.text} ${mark.of.id}`);
      element.onclick = (event) => {
        event.stopPropagation();
        store.select(mark.of);
      };
      markers.push(new Marker({ element, anchor: "bottom" }).setLngLat(at).addTo(map));
    }
  });
  return () => {
    stop();
    for (const marker of markers) marker.remove();
  };
}
