/** The estate from above: buildings, grounds, pipes, devices; talks only to the store. */

import { effect } from "@preact/signals";
import type { FeatureCollection, Position } from "geojson";
import { type ExpressionSpecification, type GeoJSONSource, Map as GlMap, Marker, setWorkerUrl } from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { render } from "preact";
import { api } from "../api";
import { said, t } from "../i18n";
import { useReady } from "../outside";
import { SeverityMark } from "../panels/marks";
import { store } from "../store";
import type { ObjectType, Point3 } from "../types";
import { Failure, IconButton, Loading } from "../ui/controls";
import { errorText } from "../ui/load";
import { toLonLat, type LonLat } from "./projection";
import { siteStyle, token } from "./style";

setWorkerUrl(workerUrl);

export interface MapPin {
  id: string;
  point_m: Point3;
  text: string;
  label: string;
  onClick: () => void;
}
interface Props {
  /** Storey whose plan is shown; none shows the grounds with the devices outdoors and in all storeys. */
  storey?: string | null;
  pins?: readonly MapPin[];
  way?: readonly Point3[];
  /** Only the estate and the pins, as the crew needs it. */
  bare?: boolean;
}

const STATES_EVERY_MS = 250;
const BUILDING_NAMES_ZOOM = [15.6, 19] as const;

export function SiteMap(props: Props): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<GlMap | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  const theme = store.theme.value;
  const index = store.index.value;

  useEffect(() => {
    let made: GlMap | null = null;
    let ended = false;
    const stops: (() => void)[] = [];
    setError(null);
    startMap(host.current!)
      .then(({ map: started, features }) => {
        made = started;
        if (ended) {
          started.remove();
          return;
        }
        const buildings = features.filter((f) => f.properties?.layer === "building");
        stops.push(watchDevices(started, props.bare ?? false), watchSelection(started), watchCamera(started, features));
        stops.push(props.bare ? () => undefined : watchAlarms(started), watchNames(started, buildings));
        setMap(started);
      })
      .catch((reason: unknown) => !ended && setError(errorText(reason)));
    return () => {
      ended = true;
      for (const stop of stops) stop();
      made?.remove();
      setMap(null);
    };
  }, [theme, index, round]);
  useReady(map !== null && !(props.bare ?? false));
  const storey = props.storey ?? null;
  const systemsOff = store.systemsOff.value;
  usePlan(map, storey);
  useEffect(() => {
    const on: ExpressionSpecification = ["!", ["in", ["get", "system"], ["literal", [...systemsOff]]]];
    // without a storey the devices of eighteen storeys would lie on top of each other: those outdoors show
    map?.setFilter("device", ["all", on, ["==", ["get", "storey"], storey ?? ""]]);
  }, [map, storey, systemsOff]);
  usePins(map, props.pins ?? []);
  useEffect(() => {
    const line = (props.way ?? []).map(([x, y]) => lonLat(x, y));
    if (map !== null) setData(map, "marks", line.length < 2 ? [] : [{ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: line } }]);
    const around = [...line, ...(props.pins ?? []).map((pin) => lonLat(pin.point_m[0], pin.point_m[1]))];
    if (map !== null && props.bare && around.length > 0) map.fitBounds(extent(around), { padding: 48, maxZoom: 18.5, animate: false });
  }, [map, props.way, props.pins?.length]);

  return (
    <>
      <div ref={host} class="map-host" aria-label={t("map.label")} />
      {map === null && error === null && (
        <div class="over-view">
          <Loading text={t("map.loading")} />
        </div>
      )}
      {error !== null && (
        <div class="over-view">
          <Failure text={error} retry={() => setRound(round + 1)} />
        </div>
      )}
      {map !== null && (
        <div class="map-tools" role="toolbar" aria-label={t("tools.label")}>
          <IconButton icon="plus" label={t("tools.zoom_in")} onClick={() => map.zoomIn()} />
          <IconButton icon="minus" label={t("tools.zoom_out")} onClick={() => map.zoomOut()} />
          <IconButton icon="reset" label={t("tools.reset")} onClick={() => fitSite(map)} />
        </div>
      )}
    </>
  );
}

function lonLat(x_m: number, y_m: number): LonLat {
  return toLonLat(store.site.peek()!.origin, x_m, y_m);
}

function setData(map: GlMap, source: string, features: Features): void {
  map.getSource<GeoJSONSource>(source)?.setData({ type: "FeatureCollection", features });
}

function fitSite(map: GlMap, animate = true): void {
  const [x0, y0, x1, y1] = store.site.peek()!.bounds_m;
  map.fitBounds([lonLat(x0, y0), lonLat(x1, y1)], { padding: 32, bearing: 0, pitch: 0, animate });
}

type Features = FeatureCollection["features"];

async function startMap(host: HTMLElement): Promise<{ map: GlMap; features: Features }> {
  const site = store.site.peek()!;
  const data = await api.map();
  const map = new GlMap({
    container: host,
    style: siteStyle(site.networks),
    center: lonLat(0, 0),
    zoom: 16,
    maxZoom: 23,
    attributionControl: false,
    fadeDuration: 0,
    locale: {
      "Map.Title": t("map.label"),
      "Marker.Title": "",
      "CooperativeGesturesHandler.WindowsHelpText": "",
    },
  });
  await new Promise<void>((resolve) => map.once("load", () => resolve()));
  setData(map, "site", data.features);
  setData(map, "devices", deviceFeatures());
  fitSite(map, false);
  await new Promise<void>((resolve) => map.once("idle", () => resolve()));
  map.on("click", (event) => selectAt(map, event.point));
  map.on("mousemove", (event) => {
    map.getCanvas().style.cursor = thingAt(map, event.point) === null ? "" : "pointer";
  });
  return { map, features: data.features };
}

function deviceFeatures(): Features {
  const index = store.index.peek()!;
  return Array.from({ length: index.count }, (_, k) => {
    const [x, y] = index.point(k);
    const kind = index.kind(k);
    return {
      type: "Feature" as const,
      id: k,
      properties: {
        colour: token(`system-${kind.system}`) || token("ink-3"),
        system: kind.system,
        storey: index.devices.storey[k] ?? "",
      },
      geometry: { type: "Point" as const, coordinates: lonLat(x, y) },
    };
  });
}

const PICKED: readonly [layer: string, type: ObjectType][] = [
  ["pipe", "pipe"],
  ["plan-space", "space"],
  ["building", "building"],
  ["plaza", "ground"],
  ["green", "ground"],
  ["road-area", "ground"],
];
const REACH_PX = 8;

function thingAt(map: GlMap, at: { x: number; y: number }): { type: ObjectType; id: string } | null {
  const box = (r: number): [[number, number], [number, number]] => [
    [at.x - r, at.y - r],
    [at.x + r, at.y + r],
  ];
  const device = map.queryRenderedFeatures(box(REACH_PX), { layers: ["device"] })[0];
  if (device !== undefined) return { type: "device", id: store.index.peek()!.devices.id[Number(device.id)]! };
  for (const [layer, type] of PICKED) {
    const found = map.queryRenderedFeatures(box(type === "pipe" ? 4 : 0), { layers: [layer] })[0];
    if (found !== undefined) return { type, id: String(found.properties.id) };
  }
  return null;
}

function selectAt(map: GlMap, at: { x: number; y: number }): void {
  store.select(thingAt(map, at));
}

/** Live colours: the states of devices whose rows changed, a few times a second. */
function watchDevices(map: GlMap, bare: boolean): () => void {
  const index = store.index.peek()!;
  if (bare) {
    map.setLayoutProperty("device", "visibility", "none");
    return () => undefined;
  }
  const waiting = new Set<number>();
  const all = (): void => {
    for (let k = 0; k < index.count; k++) waiting.add(k);
  };
  all();
  const stopRows = store.onRows((rows) => {
    if (rows === null) all();
    else for (const row of rows) if (row < index.rows) waiting.add(index.deviceOfRow[row]!);
  });
  const stopAlarms = effect(() => {
    void store.alarmByDevice.value;
    all();
  });
  const timer = setInterval(() => {
    const alarms = store.alarmByDevice.peek();
    for (const k of waiting) {
      const row = index.primaryRow[k]!;
      const quality = row < 0 ? 4 : store.live.quality[row]!;
      map.setFeatureState({ source: "devices", id: k }, { quality, alarm: alarms.get(index.devices.id[k]!)?.severity ?? "" });
    }
    waiting.clear();
  }, STATES_EVERY_MS);
  return () => {
    clearInterval(timer);
    stopRows();
    stopAlarms();
  };
}

function watchSelection(map: GlMap): () => void {
  let before: number | null = null;
  return effect(() => {
    const ref = store.selection.value;
    const position = ref?.type === "device" ? (store.index.peek()!.position.get(ref.id) ?? null) : null;
    if (before !== null) map.setFeatureState({ source: "devices", id: before }, { selected: false });
    if (position !== null) map.setFeatureState({ source: "devices", id: position }, { selected: true });
    before = position;
    map.setFilter("selected-area", ["==", ["get", "id"], ref === null || ref.type === "device" ? "" : ref.id]);
  });
}

function watchCamera(map: GlMap, features: Features): () => void {
  let last = store.camera.peek()?.serial ?? 0;
  return effect(() => {
    const wish = store.camera.value;
    if (wish === null || wish.serial === last) return;
    last = wish.serial;
    if (wish.kind === "fly") map.flyTo({ center: lonLat(wish.point_m[0], wish.point_m[1]), zoom: Math.max(map.getZoom(), 19) });
    else if (wish.kind === "fit") {
      const id = wish.ref.type === "storey" ? store.index.peek()!.storey.get(wish.ref.id)?.building : wish.ref.id;
      const found = features.find((f) => f.properties?.id === id)?.geometry;
      const corners = found?.type === "Polygon" ? found.coordinates.flat() : found?.type === "LineString" ? found.coordinates : [];
      if (corners.length > 0) map.fitBounds(extent(corners), { padding: 80 });
    } else if (wish.kind === "reset") fitSite(map);
  });
}

function extent(points: Position[]): [LonLat, LonLat] {
  const xs = points.map((p) => p[0]!);
  const ys = points.map((p) => p[1]!);
  return [
    [Math.min(...xs), Math.min(...ys)],
    [Math.max(...xs), Math.max(...ys)],
  ];
}

/** Alarms are marked by their sign, not by colour alone. */
function watchAlarms(map: GlMap): () => void {
  const markers = new Map<string, Marker>();
  const stop = effect(() => {
    const wanted = new Map([...store.alarmByDevice.value.values()].filter((a) => a.point_m !== null).map((a) => [a.id, a]));
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

/** Names of buildings as page elements: a map font would have to be fetched. */
function watchNames(map: GlMap, buildings: Features): () => void {
  const markers: Marker[] = [];
  const stop = effect(() => {
    void store.language.value;
    for (const marker of markers.splice(0)) marker.remove();
    for (const { properties, geometry } of buildings) {
      if (geometry.type !== "Polygon" || isBelowGround(properties)) continue;
      const [a, b] = extent(geometry.coordinates[0]!);
      const name = said({ zh: String(properties?.name_zh ?? ""), en: String(properties?.name_en ?? "") });
      markers.push(label(map, name, [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], "map-label"));
    }
  });
  const refresh = (): void => {
    const [from, to] = BUILDING_NAMES_ZOOM;
    const shown = map.getZoom() >= from && map.getZoom() <= to;
    for (const marker of markers) marker.getElement().style.display = shown ? "" : "none";
  };
  map.on("zoom", refresh);
  return () => {
    stop();
    for (const marker of markers) marker.remove();
  };
}

/** A building whose roof does not rise above the ground: a basement garage. */
function isBelowGround(properties: Features[0]["properties"]): boolean {
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
function usePlan(map: GlMap | null, storey: string | null): void {
  const language = store.language.value;
  useEffect(() => {
    if (map === null) return;
    map.setPaintProperty("building", "fill-opacity", storey === null ? 0.9 : 0.35);
    // risers and services of all storeys would cover the plan
    map.setLayoutProperty("pipe", "visibility", storey === null ? "visible" : "none");
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
          if (properties?.layer === "storey") map.fitBounds(box, { padding: 70 });
          const name = said({ zh: properties?.name_zh ?? "", en: properties?.name_en ?? "" });
          if (properties?.layer !== "space" || name === "") continue;
          const marker = label(map, name, [(box[0][0] + box[1][0]) / 2, (box[0][1] + box[1][1]) / 2], "map-label small");
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
  }, [map, storey, language]);
}

interface Name {
  marker: Marker;
  box: [LonLat, LonLat];
  group: boolean;
}

/** Only names that fit into their space and on no other name. */
function declutter(map: GlMap, names: readonly Name[]): void {
  const taken: { x: number; y: number; half: number }[] = [];
  for (const { marker, box } of names) {
    const element = marker.getElement();
    element.style.display = "";
    const half = element.offsetWidth / 2;
    const [a, b, at] = [map.project(box[0]), map.project(box[1]), map.project(marker.getLngLat())];
    const fits = Math.abs(b.x - a.x) + 10 > 2 * half && Math.abs(b.y - a.y) > 16;
    const free = taken.every((t) => Math.abs(t.y - at.y) > 15 || Math.abs(t.x - at.x) > t.half + half);
    if (fits && free) taken.push({ x: at.x, y: at.y, half });
    else element.style.display = "none";
  }
}

function usePins(map: GlMap | null, pins: readonly MapPin[]): void {
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
