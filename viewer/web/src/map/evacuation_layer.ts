/** Ways out on the map: lines people walk along, as wide as many go there, and queues at the moment that is shown. */

import { effect, type Signal } from "@preact/signals";
import type { Feature } from "geojson";
import type { ExpressionSpecification, GeoJSONSource, GeoJSONSourceSpecification, Map as GlMap } from "maplibre-gl";
import * as evacuation from "../evacuation/state";
import type { Stream } from "../evacuation/types";
import { store } from "../store";
import type { Point3 } from "../types";
import { lonLat } from "./ground";
import { token } from "./style";

const NAME = "evacuation";
const QUEUES = "evacuation-queues";
const SMOKE = "evacuation-smoke";
/** On one storey a way hardly rises. */
const LEVEL_M = 1;

/** Draw them for as long as the map stands; indoors those of the storey whose plan is shown. */
export function watchEvacuation(map: GlMap, storey: Signal<string | null>): () => void {
  const drop = (): void => {
    for (const layer of [`${SMOKE}-area`, `${NAME}-line`, `${NAME}-fire`, `${QUEUES}-disc`]) if (map.getLayer(layer)) map.removeLayer(layer);
    for (const source of [SMOKE, NAME, QUEUES]) if (map.getSource(source)) map.removeSource(source);
  };
  const stopLines = effect(() => {
    const answer = evacuation.shown.value ? evacuation.answer.value : null;
    const here = storey.value;
    void store.theme.value;
    drop();
    if (answer === null) return;
    const ways = answer.streams.filter((stream) => isHere(stream, here)).map(({ line_m, persons }) => feature(line_m, { width: 1.5 + 1.6 * Math.log10(1 + persons) }));
    const fire = answer.fire?.point_m;
    map.addSource(SMOKE, collection([]));
    map.addLayer({ id: `${SMOKE}-area`, type: "fill", source: SMOKE, paint: { "fill-color": token("ink"), "fill-opacity": ["get", "dark"] } });
    map.addSource(NAME, collection([...ways, ...(fire == null ? [] : [feature([fire], {})])]));
    map.addSource(QUEUES, collection([]));
    const isLine: ExpressionSpecification = ["==", ["geometry-type"], "LineString"];
    map.addLayer({ id: `${NAME}-line`, type: "line", source: NAME, filter: isLine, layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": token("good"), "line-width": ["get", "width"] } });
    map.addLayer({ id: `${QUEUES}-disc`, type: "circle", source: QUEUES, paint: { "circle-color": token("major"), "circle-opacity": 0.75, "circle-radius": ["get", "radius"] } });
    map.addLayer({ id: `${NAME}-fire`, type: "circle", source: NAME, filter: ["!", isLine], paint: { "circle-color": token("critical"), "circle-radius": 8, "circle-stroke-color": token("surface"), "circle-stroke-width": 2 } });
  });
  const stopQueues = effect(() => {
    const answer = evacuation.shown.value ? evacuation.answer.value : null;
    const [at_s, here] = [evacuation.at_s.value, storey.value];
    const found = (answer?.waiting ?? []).flatMap((row, k) => {
      const queue = answer!.queues[k]!;
      const many = evacuation.now(row, answer!.timeline.times_s, at_s);
      return many < 0.5 || (here !== null && queue.storey !== here) ? [] : [feature([queue.point_m], { radius: 4 + 3 * Math.sqrt(many) })];
    });
    (map.getSource(QUEUES) as GeoJSONSource | undefined)?.setData({ type: "FeatureCollection", features: found });
  });
  const stopSmoke = effect(() => {
    const answer = evacuation.shown.value ? evacuation.answer.value : null;
    const [at_s, here] = [evacuation.at_s.value, storey.value];
    void store.theme.value;
    const found = (answer?.smoke_rooms ?? []).flatMap((room) => {
      const dark = evacuation.darkness(evacuation.now(room.extinction_per_m, answer!.smoke_times_s, at_s));
      return here === null || room.storey !== here || dark < 0.02 ? [] : [area(room.outline_m, { dark })];
    });
    (map.getSource(SMOKE) as GeoJSONSource | undefined)?.setData({ type: "FeatureCollection", features: found });
  });
  return () => {
    stopLines();
    stopSmoke();
    stopQueues();
    if (map.style !== undefined) drop();
  };
}

function isHere({ storey, line_m }: Stream, here: string | null): boolean {
  return storey === here && Math.abs(line_m[0]![2] - line_m.at(-1)![2]) < LEVEL_M;
}

function feature(line_m: readonly Point3[], properties: Record<string, number>): Feature {
  const points = line_m.map(([x, y]) => lonLat(x, y));
  return { type: "Feature", properties, geometry: points.length > 1 ? { type: "LineString", coordinates: points } : { type: "Point", coordinates: points[0]! } };
}

function area(outline_m: readonly (readonly [number, number])[], properties: Record<string, number>): Feature {
  return { type: "Feature", properties, geometry: { type: "Polygon", coordinates: [outline_m.map(([x, y]) => lonLat(x, y))] } };
}

const collection = (features: Feature[]): GeoJSONSourceSpecification => ({ type: "geojson", data: { type: "FeatureCollection", features } });
