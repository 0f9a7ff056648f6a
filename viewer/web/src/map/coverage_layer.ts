/** What cameras cover, on the map: the cells of places in the open, or of the storey whose plan is shown. */

import { effect, type Signal } from "@preact/signals";
import type { CanvasSource, Map as GlMap, MapMouseEvent } from "maplibre-gl";
import { paintCells, scaleOf, type Token } from "../coverage/colours";
import { cellAt, OUTSIDE } from "../coverage/cells";
import * as sighting from "../coverage/sightings";
import * as coverage from "../coverage/state";
import type { Place } from "../coverage/types";
import { store } from "../store";
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
    if (!coverage.shown.peek() || !sighting.asking.peek()) return;
    const [x, y] = toSite(store.site.peek()!.origin, event.lngLat.toArray() as LonLat);
    void sighting.ask([x, y, floorAt(x, y, storey.peek())]);
  };
  map.on("click", clicked);
  return () => {
    stop();
    map.off("click", clicked);
    for (const key of [...drawn.keys()]) if (map.style !== undefined) drop(key);
  };
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
