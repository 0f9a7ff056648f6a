/** What stands on the map as elements of the page: a map font would have to be fetched. */

import { effect, type ReadonlySignal } from "@preact/signals";
import type { FeatureCollection } from "geojson";
import { type Map as GlMap, Marker } from "maplibre-gl";
import { render } from "preact";
import { useEffect } from "preact/hooks";
import { api } from "../api";
import { coded, said } from "../i18n";
import { SeverityMark } from "../panels/marks";
import { store } from "../store";
import type { Point3 } from "../types";
import { Icon } from "../ui/icons";
import { errorText } from "../ui/load";
import { extent, lonLat, setData, type LonLat } from "./ground";

type Features = FeatureCollection["features"];
type Properties = Features[0]["properties"];
const BUILDING_NAMES_ZOOM = [15.6, 19] as const;
const GATE_NAMES_ZOOM = [18.2, 23] as const;
const SIGNS_ZOOM = [15, 23] as const;

export interface MapPin {
  id: string;
  point_m: Point3;
  text: string;
  label: string;
  onClick: () => void;
}

/** Alarms are marked by their sign, not by colour alone. */
export function watchAlarms(map: GlMap, storey: ReadonlySignal<string | null>): () => void {
  const markers = new Map<string, Marker>();
  const stop = effect(() => {
    const wanted = new Map([...store.alarmByDevice.value.values()].filter((a) => a.point_m !== null && standsOn(a.place?.storey, storey.value)).map((a) => [a.id, a]));
    for (const [id, marker] of markers) {
      if (wanted.has(id)) continue;
      marker.remove();
      markers.delete(id);
    }
    for (const [id, alarm] of wanted) {
      if (markers.has(id)) continue;
      const element = document.createElement("button");
      element.className = "map-alarm";
      element.setAttribute("aria-label", said(alarm.name));
      element.title = `${said(alarm.name)} · ${said(alarm.place?.name)}`;
      element.onclick = (event) => {
        event.stopPropagation();
        if (alarm.device !== null) store.select({ type: "device", id: alarm.device });
      };
      render(<SeverityMark severity={alarm.severity} />, element);
      markers.set(id, new Marker({ element }).setLngLat(lonLat(alarm.point_m![0], alarm.point_m![1])).addTo(map));
    }
  });
  return () => {
    stop();
    for (const marker of markers.values()) marker.remove();
  };
}

/** On the plan of a storey an alarm of another would be in a wrong room; from above all of them show. */
function standsOn(of: string | null | undefined, shown: string | null): boolean {
  return shown === null || of === shown || of === null || of === undefined;
}

interface Named {
  marker: Marker;
  zooms: readonly [from: number, to: number];
}

/** Names of buildings and gates, and the signs of assembly points. */
export function watchNames(map: GlMap, features: Features, storey: ReadonlySignal<string | null>): () => void {
  const named: Named[] = [];
  const stop = effect(() => {
    void store.language.value;
    for (const { marker } of named.splice(0)) marker.remove();
    // the rooms of a building whose plan is shown have names of their own
    const opened = store.index.peek()!.storey.get(storey.value ?? "")?.building;
    for (const { properties, geometry } of features) {
      if (properties?.id === opened && opened !== undefined) continue;
      const name = said({ zh: String(properties?.name_zh ?? ""), en: String(properties?.name_en ?? "") });
      if (properties?.layer === "building" && geometry.type === "Polygon" && !isBelowGround(properties)) {
        named.push({ marker: label(map, name, middle(geometry.coordinates[0]!), "map-label"), zooms: BUILDING_NAMES_ZOOM });
      } else if (isGate(properties) && geometry.type === "LineString") {
        named.push({ marker: label(map, name, middle(geometry.coordinates), "map-label gate"), zooms: GATE_NAMES_ZOOM });
      } else if (properties?.use === "assembly_point" && geometry.type === "Point") {
        named.push({ marker: sign(map, name, geometry.coordinates as LonLat), zooms: SIGNS_ZOOM });
      }
    }
    // where there is no room for all, the names of gates give way
    named.sort((a, b) => b.zooms[1] - b.zooms[0] - (a.zooms[1] - a.zooms[0]) || a.zooms[0] - b.zooms[0]);
    refresh();
  });
  function refresh(): void {
    const zoom = map.getZoom();
    const taken: Taken[] = [];
    for (const { marker, zooms } of named) place(map, marker, taken, () => zoom >= zooms[0] && zoom <= zooms[1]);
  }
  map.on("zoom", refresh);
  return () => {
    stop();
    map.off("zoom", refresh);
    for (const { marker } of named) marker.remove();
  };
}

function middle(line: number[][]): LonLat {
  const [a, b] = extent(line);
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
}

function isGate(properties: Properties): boolean {
  return properties?.layer === "ground" && (properties.use === "gate" || properties.use === "vehicle_gate");
}

/** Where people gather: a sign, with its name for those who point at it. */
function sign(map: GlMap, name: string, at: LonLat): Marker {
  const element = document.createElement("div");
  element.className = "map-sign";
  element.title = `${coded("use", "assembly_point")} · ${name}`;
  render(<Icon name="people" size={16} />, element);
  return new Marker({ element }).setLngLat(at).addTo(map);
}

/** A building whose roof does not rise above the ground: a basement garage. */
function isBelowGround(properties: Properties): boolean {
  return Number(properties?.base_elevation_m ?? 0) + Number(properties?.height_m ?? 1) < 0.5;
}

function label(map: GlMap, text: string, at: LonLat, className: string): Marker {
  const element = document.createElement("div");
  element.className = className;
  element.textContent = text;
  element.setAttribute("aria-hidden", "true");
  return new Marker({ element }).setLngLat(at).addTo(map);
}

/** The plan of a storey, with the names of its spaces where there is room. */
export function usePlan(map: GlMap | null, storey: string | null, bare: boolean): void {
  const language = store.language.value;
  useEffect(() => {
    if (map === null) return;
    map.setPaintProperty("building", "fill-opacity", storey === null ? 0.9 : 0.35);
    // risers and services of all storeys would cover the plan
    map.setLayoutProperty("pipe", "visibility", storey === null ? "visible" : "none");
    map.setLayoutProperty("pipe-indoors", "visibility", storey === null && !bare ? "visible" : "none");
    if (storey === null) {
      setData(map, "plan", []);
      return;
    }
    const names: Name[] = [];
    let ended = false;
    const refresh = (): void => declutter(map, names);
    api
      .plan(storey)
      .then((plan) => {
        if (ended) return;
        setData(map, "plan", plan.features);
        for (const { properties, geometry } of plan.features) {
          if (geometry.type !== "Polygon") continue;
          const box = extent(geometry.coordinates[0]!);
          if (properties?.layer === "storey") map.fitBounds(box, { padding: bare ? { top: 72, bottom: 36, left: 16, right: 16 } : 70 });
          const name = said({ zh: properties?.name_zh ?? "", en: properties?.name_en ?? "" });
          if (properties?.layer !== "space" || name === "") continue;
          const marker = label(map, name, middle(geometry.coordinates[0]!), "map-label small");
          names.push({ marker, box, group: properties.use === "flat" });
        }
        // names of flats before those of their rooms
        names.sort((a, b) => Number(b.group) - Number(a.group));
        refresh();
      })
      .catch((error: unknown) => store.toast("error", errorText(error)));
    map.on("zoom", refresh);
    return () => {
      ended = true;
      map.off("zoom", refresh);
      for (const { marker } of names) marker.remove();
    };
  }, [map, storey, language, bare]);
}

interface Name {
  marker: Marker;
  box: [LonLat, LonLat];
  group: boolean;
}

/** Only names that fit into their space and on no other name. */
function declutter(map: GlMap, names: readonly Name[]): void {
  const taken: Taken[] = [];
  for (const { marker, box } of names) {
    const [a, b] = [map.project(box[0]), map.project(box[1])];
    place(map, marker, taken, (width_px) => Math.abs(b.x - a.x) + 10 > width_px && Math.abs(b.y - a.y) > 16);
  }
}

/** What a name or sign takes up on the page: its middle and half its extent. */
interface Taken {
  x: number;
  y: number;
  half_width: number;
  half_height: number;
}
const APART_PX = 2;

/** Show a name where it may and where nothing stands yet. */
function place(map: GlMap, marker: Marker, taken: Taken[], may: (width_px: number) => boolean): void {
  const element = marker.getElement();
  element.style.display = "";
  const [half_width, half_height] = [element.offsetWidth / 2, element.offsetHeight / 2];
  const at = map.project(marker.getLngLat());
  const free = taken.every(
    (t) => Math.abs(t.y - at.y) > t.half_height + half_height + APART_PX || Math.abs(t.x - at.x) > t.half_width + half_width + APART_PX,
  );
  if (free && may(2 * half_width)) taken.push({ x: at.x, y: at.y, half_width, half_height });
  else element.style.display = "none";
}

export function usePins(map: GlMap | null, pins: readonly MapPin[]): void {
  const key = pins.map((pin) => `${pin.id}:${pin.text}`).join("|");
  useEffect(() => {
    if (map === null) return;
    const markers = pins.map((pin) => {
      const element = document.createElement("button");
      element.className = "map-pin";
      element.textContent = pin.text;
      element.setAttribute("aria-label", pin.label);
      element.onclick = (event) => {
        event.stopPropagation();
        pin.onClick();
      };
      return new Marker({ element, anchor: "bottom-left" }).setLngLat(lonLat(pin.point_m[0], pin.point_m[1])).addTo(map);
    });
    return () => {
      for (const marker of markers) marker.remove();
    };
  }, [map, key]);
}
