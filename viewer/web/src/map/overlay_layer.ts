/** What lies over the estate, on the map: coloured pipes, signs at places. */

import { effect } from "@preact/signals";
import type { Feature, FeatureCollection } from "geojson";
import { type ExpressionSpecification, type Map as GlMap, Marker } from "maplibre-gl";
import * as coverage from "../coverage/state";
import { keyOf, percent, type Mark, type Overlay } from "../overlay";
import { store } from "../store";
import { cornersOf, extent, lonLat, setData, type LonLat } from "./ground";
import { FAINT_OPACITY, PIPE_OPACITY, rampColour } from "./style";

type Features = FeatureCollection["features"];
const RAMPED = ["overlay", "overlay-dashed"];

/** The pipes that an overlay colours, with its values; those that go straight up are points. */
export function shadedFeatures(features: Features, overlay: Overlay): Feature[] {
  return features.flatMap((feature): Feature[] => {
    const { layer, id } = feature.properties ?? {};
    const shade = layer === "pipe" ? overlay.shades.get(keyOf("pipe", String(id))) : undefined;
    if (shade === undefined) return [];
    const [a, b] = extent(cornersOf(feature.geometry));
    const upright = a[0] === b[0] && a[1] === b[1];
    const geometry = upright ? { type: "Point" as const, coordinates: a } : feature.geometry;
    return [{ type: "Feature", properties: { id, layer, dashed: false, ...shade }, geometry }];
  });
}

/** Signs of candidates at one place, as those of a riser, made one with the sum of what they say. */
export function merged(placed: readonly { mark: Mark; at: LonLat }[]): { mark: Mark; at: LonLat }[] {
  const stacks = new Map<string, { mark: Mark; at: LonLat }>();
  for (const { mark, at } of placed) {
    const key = mark.probability_ratio === undefined ? mark.id : at.map((v) => v.toFixed(6)).join();
    const there = stacks.get(key);
    if (there === undefined) stacks.set(key, { mark, at });
    else {
      const probability_ratio = (there.mark.probability_ratio ?? 0) + (mark.probability_ratio ?? 0);
      stacks.set(key, { at, mark: { ...there.mark, probability_ratio, text: percent(probability_ratio) } });
    }
  }
  return [...stacks.values()];
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

/** Show the store's overlay for as long as the map stands. */
export function watchOverlay(map: GlMap, features: Features): () => void {
  const markers: Marker[] = [];
  const byId = new Map(features.map((f) => [String(f.properties?.id), f]));
  const stop = effect(() => {
    const overlay = store.overlay.value;
    for (const marker of markers.splice(0)) marker.remove();
    setData(map, "overlay", overlay === null ? [] : shadedFeatures(features, overlay));
    map.setPaintProperty("pipe", "line-opacity", overlay === null && !coverage.shown.value ? PIPE_OPACITY : FAINT_OPACITY);
    // those of eighteen storeys lie on each other: faint ones would add up
    map.setPaintProperty("pipe-indoors", "line-opacity", overlay === null && !coverage.shown.value ? PIPE_OPACITY : 0);
    paintFlats(map, overlay);
    if (overlay === null) return;
    for (const layer of RAMPED) map.setPaintProperty(layer, "line-color", rampColour(overlay.ramp));
    map.setPaintProperty("overlay-upright", "circle-color", rampColour(overlay.ramp));
    const placed = overlay.marks.flatMap((mark) => {
      const at = markPlace(mark, byId);
      return at === null ? [] : [{ mark, at }];
    });
    for (const { mark, at } of merged(placed)) {
      markers.push(new Marker({ element: sign(mark), anchor: "bottom" }).setLngLat(at).addTo(map));
    }
  });
  return () => {
    stop();
    for (const marker of markers) marker.remove();
  };
}

/** On the plan of a storey, the flats that the overlay names. */
function paintFlats(map: GlMap, overlay: Overlay | null): void {
  const flats = [...(overlay?.shades ?? [])].flatMap(([key, shade]) => (key.startsWith("space:") ? [[key.slice(6), shade.level] as const] : []));
  map.setFilter("plan-overlay", ["in", ["get", "id"], ["literal", flats.map(([id]) => id)]]);
  if (overlay === null || flats.length === 0) return;
  const level = ["match", ["get", "id"], ...flats.flat(), 0] as unknown as ExpressionSpecification;
  map.setPaintProperty("plan-overlay", "fill-color", rampColour(overlay.ramp, level));
}

function sign(mark: Mark): HTMLElement {
  const element = document.createElement("button");
  element.className = `map-mark ${mark.tone}`;
  element.textContent = mark.text;
  element.title = mark.of.id;
  element.setAttribute("aria-label", `${mark.text} ${mark.of.id}`);
  element.onclick = (event) => {
    event.stopPropagation();
    store.select(mark.of);
  };
  return element;
}
