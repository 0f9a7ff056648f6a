/** Between the site frame and the map: points, extents and the data of its sources. */

import type { FeatureCollection, Geometry, Position } from "geojson";
import type { GeoJSONSource, Map as GlMap } from "maplibre-gl";
import { store } from "../store";
import { toLonLat, type LonLat } from "./projection";

export type { LonLat };

export function lonLat(x_m: number, y_m: number): LonLat {
  return toLonLat(store.site.peek()!.origin, x_m, y_m);
}

export function setData(map: GlMap, source: string, features: FeatureCollection["features"]): void {
  map.getSource<GeoJSONSource>(source)?.setData({ type: "FeatureCollection", features });
}

export function extent(points: Position[]): [LonLat, LonLat] {
  const xs = points.map((p) => p[0]!);
  const ys = points.map((p) => p[1]!);
  return [
    [Math.min(...xs), Math.min(...ys)],
    [Math.max(...xs), Math.max(...ys)],
  ];
}

/** The corners of a thing on the map. */
export function cornersOf(geometry: Geometry): Position[] {
  if (geometry.type === "Polygon") return geometry.coordinates.flat();
  if (geometry.type === "LineString") return geometry.coordinates;
  return geometry.type === "Point" ? [geometry.coordinates] : [];
}
