/** What cameras cover, on the map: the cells of places in the open, or of the storey whose plan is shown. */

import { effect, type Signal } from "@preact/signals";
import type { CanvasSource, Map as GlMap, MapMouseEvent } from "maplibre-gl";
import { paintCells, scaleOf, type Token } from "../coverage/colours";
import { cellAt, OUTSIDE } from "../coverage/cells";
import * as sighting from "../coverage/sightings";
import * as coverage from "../coverage/state";
import type { Place } from "../coverage/types";
import * as way from "../coverage/way";
import { store } from "../store";
import type { Point3 } from "../types";
import { lonLat, type LonLat } from "./ground";
import { toSite } from "./projection";
import { token } from "./style";

type Rgba = readonly [number, number, number, number];
const ALPHA = 190;

/** Show the planner's places for as long as the map stands. */
export function watchCoverage(map: GlMap, storey: Signal<string | null>): () => void {
  const drawn = new Map<string, { place: Place; how: string }>();
  const drop = (key: string): void => {
    if (map.getLayer(name(key))) map.removeLayer(name(key));
    if (map.getSource(name(key))) map.removeSource(name(key));
    drawn.delete(key);
  };
  const stop = effect(() => {
    const scale = scaleOf(coverage.answer.value, coverage.edition.value);
    const by = coverage.by.value;
    const how = `${by} ${scale.steps.join()} ${store.theme.value}`;
    const places = coverage.shown.value ? coverage.places.value.filter((place) => place.storey === storey.value) : [];
    const wanted = new Set(places.map((place) => place.key));
    for (const key of [...drawn.keys()]) if (!wanted.has(key)) drop(key);
    for (const place of places) {
      const known = drawn.get(place.key);
      if (known?.place === place && known.how === how) continue;
      drop(place.key);
      const canvas = painted(place, paintCells(place, by, scale, colours(), coverage.before.value.get(place.key)));
      map.addSource(name(place.key), { type: "canvas", canvas, animate: false, coordinates: corners(place) });
      map.addLayer({ id: name(place.key), type: "raster", source: name(place.key), paint: { "raster-resampling": "nearest", "raster-fade-duration": 0 } }, before(map, place.storey));
      (map.getSource(name(place.key)) as CanvasSource | undefined)?.play();
      (map.getSource(name(place.key)) as CanvasSource | undefined)?.pause();
      drawn.set(place.key, { place, how });
    }
  });
  const clicked = (event: MapMouseEvent): void => {
    if (!coverage.shown.peek() || !(sighting.asking.peek() || way.drawing.peek())) return;
    const [x, y] = toSite(store.site.peek()!.origin, event.lngLat.toArray() as LonLat);
    const standing: Point3 = [x, y, floorAt(x, y, storey.peek())];
    if (way.drawing.peek()) way.add(standing);
    else void sighting.ask(standing);
  };
  const stopWay = watchWay(map);
  map.on("click", clicked);
  return () => {
    stop();
    stopWay();
    map.off("click", clicked);
    for (const key of [...drawn.keys()]) if (map.style !== undefined) drop(key);
  };
}

const WAY = "coverage-way";

/** Draw the way that is followed: where it is seen, where it is not, and its corners. */
function watchWay(map: GlMap): () => void {
  const drop = (): void => {
    for (const layer of [`${WAY}-line`, `${WAY}-points`]) if (map.getLayer(layer)) map.removeLayer(layer);
    if (map.getSource(WAY)) map.removeSource(WAY);
  };
  const stop = effect(() => {
    const points = coverage.shown.value ? way.points.value : [];
    void store.theme.value;
    drop();
    if (points.length === 0) return;
    const lines = way.stretches.value.map((part) => ({ coordinates: part.points, colour: token(part.camera !== null ? "good" : "critical") }));
    const whole = lines.length > 0 ? joined(lines) : [{ coordinates: points, colour: token("accent") }];
    const features = [
      ...whole.map(({ coordinates, colour }) => ({ type: "Feature" as const, properties: { colour }, geometry: { type: "LineString" as const, coordinates: coordinates.map(([x, y]) => lonLat(x, y)) } })),
      ...points.map(([x, y]) => ({ type: "Feature" as const, properties: { colour: token("accent") }, geometry: { type: "Point" as const, coordinates: lonLat(x, y) } })),
    ];
    map.addSource(WAY, { type: "geojson", data: { type: "FeatureCollection", features } });
    map.addLayer({ id: `${WAY}-line`, type: "line", source: WAY, filter: ["==", ["geometry-type"], "LineString"], layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": ["get", "colour"], "line-width": 5 } });
    map.addLayer({ id: `${WAY}-points`, type: "circle", source: WAY, filter: ["==", ["geometry-type"], "Point"], paint: { "circle-color": token("surface"), "circle-radius": 5, "circle-stroke-color": ["get", "colour"], "circle-stroke-width": 3 } });
  });
  return () => {
    stop();
    if (map.style !== undefined) drop();
  };
}

/** Each part reaches to the next, so that the line has no holes. */
function joined<T extends { coordinates: readonly Point3[] }>(lines: readonly T[]): T[] {
  return lines.map((line, k) => ({ ...line, coordinates: [...line.coordinates, ...(lines[k + 1]?.coordinates.slice(0, 1) ?? [])] }));
}

/** The floor of the storey that is shown; in the open that of the place there, or the datum. */
function floorAt(x_m: number, y_m: number, storey: string | null): number {
  if (storey !== null) return store.index.peek()?.storey.get(storey)?.elevation_m ?? 0;
  const isHere = (place: Place): boolean => {
    const cell = place.storey === null ? cellAt(place, x_m, y_m) : -1;
    return cell >= 0 && place.values[cell] !== OUTSIDE;
  };
  return coverage.places.peek().find(isHere)?.grid.elevation_m ?? 0;
}

const name = (key: string): string => `coverage ${key}`;

/** Over the ground or the rooms, under what stands on it, edges, pipes and names. */
function before(map: GlMap, storey: string | null): string | undefined {
  return [storey === null ? "building" : "plan-space-line", "pipe"].find((layer) => map.getLayer(layer) !== undefined);
}

function colours(): (token: Token) => Rgba {
  const known = new Map<Token, Rgba>();
  return (wanted) => {
    let found = known.get(wanted);
    if (found === undefined) known.set(wanted, (found = rgba(token(wanted))));
    return found;
  };
}

function rgba(hex: string): Rgba {
  const number = Number.parseInt(hex.replace("#", ""), 16);
  return [(number >> 16) & 255, (number >> 8) & 255, number & 255, ALPHA];
}

/** The cells as a picture, north up. */
function painted(place: Place, pixels: Uint8Array): HTMLCanvasElement {
  const { rows, columns } = place.grid;
  const canvas = document.createElement("canvas");
  canvas.width = columns;
  canvas.height = rows;
  const image = new ImageData(columns, rows);
  for (let row = 0; row < rows; row++) image.data.set(pixels.subarray(row * columns * 4, (row + 1) * columns * 4), (rows - 1 - row) * columns * 4);
  canvas.getContext("2d")?.putImageData(image, 0, 0);
  return canvas;
}

/** North-west, north-east, south-east, south-west. */
function corners(place: Place): [LonLat, LonLat, LonLat, LonLat] {
  const { corner_m, step_m, rows, columns } = place.grid;
  const [west, south] = [corner_m[0] - step_m / 2, corner_m[1] - step_m / 2];
  const [east, north] = [west + columns * step_m, south + rows * step_m];
  return [lonLat(west, north), lonLat(east, north), lonLat(east, south), lonLat(west, south)];
}
