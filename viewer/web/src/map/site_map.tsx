/** The estate from above: buildings, grounds, pipes, devices; talks only to the store. */

import { effect, useSignal } from "@preact/signals";
import type { FeatureCollection } from "geojson";
import { type ExpressionSpecification, Map as GlMap, setWorkerUrl } from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { api } from "../api";
import { t } from "../i18n";
import { useReady } from "../outside";
import { store } from "../store";
import type { ObjectType, Point3 } from "../types";
import { Failure, IconButton, Loading } from "../ui/controls";
import { errorText } from "../ui/load";
import { Bearings } from "./bearings";
import { cornersOf, extent, lonLat, setData } from "./ground";
import { type MapPin, usePins, usePlan, watchAlarms, watchNames } from "./markers";
import { asking } from "../coverage/sightings";
import { drawing } from "../coverage/way";
import { watchCoverage } from "./coverage_layer";
import { watchEvacuation } from "./evacuation_layer";
import { watchOverlay } from "./overlay_layer";
import { networksShown, siteStyle, token } from "./style";

setWorkerUrl(workerUrl);

interface Props {
  /** Storey whose plan is shown; none shows the grounds with the devices outdoors and in all storeys. */
  storey?: string | null;
  pins?: readonly MapPin[];
  /** A way, in pieces. */
  way?: readonly (readonly Point3[])[];
  /** Only the estate and the pins, as the crew needs it. */
  bare?: boolean;
}

const STATES_EVERY_MS = 250;

export function SiteMap(props: Props): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<GlMap | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  const theme = store.theme.value;
  const index = store.index.value;
  const shown = useSignal(props.storey ?? null);

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
        stops.push(watchDevices(started, props.bare ?? false), watchSelection(started), watchCamera(started, features));
        stops.push(props.bare ? () => undefined : watchAlarms(started, shown), watchNames(started, features, shown));
        if (!props.bare) stops.push(watchOverlay(started, features), watchCoverage(started, shown), watchEvacuation(started, shown));
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
  shown.value = storey;
  const systemsOff = store.systemsOff.value;
  const beside = props.bare ? null : store.devicesBeside.value;
  usePlan(map, storey, props.bare ?? false);
  useEffect(() => {
    const on: ExpressionSpecification = ["!", ["in", ["get", "system"], ["literal", [...systemsOff]]]];
    // without a storey the devices of eighteen storeys would lie on top of each other: those outdoors show
    for (const layer of ["device", "device-halo", "device-alarm"]) map?.setFilter(layer, ["all", on, ["==", ["get", "storey"], storey ?? ""], ...(beside === null ? [] : [["in", ["get", "id"], ["literal", [...beside]]] as ExpressionSpecification])]);
    const networks = networksShown(store.site.peek()!.networks, systemsOff);
    map?.setFilter("pipe", networks.outdoors);
    map?.setFilter("pipe-indoors", networks.indoors);
  }, [map, storey, systemsOff, beside]);
  usePins(map, props.pins ?? []);
  useEffect(() => {
    const lines = (props.way ?? []).map((piece) => piece.map(([x, y]) => lonLat(x, y)));
    if (map !== null) setData(map, "marks", lines.map((coordinates) => ({ type: "Feature" as const, properties: {}, geometry: { type: "LineString" as const, coordinates } })));
    const around = [...lines.flat(), ...(props.pins ?? []).map((pin) => lonLat(pin.point_m[0], pin.point_m[1]))];
    if (map !== null && props.bare && storey === null && around.length > 0) map.fitBounds(extent(around), { padding: { top: 72, bottom: 36, left: 48, right: 48 }, maxZoom: 18.5, animate: false });
  }, [map, storey, props.way, props.pins?.length]);

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
          {!props.bare && <IconButton icon="reset" label={t("tools.reset")} onClick={() => fitSite(map)} />}
        </div>
      )}
      {map !== null && <Bearings map={map} />}
    </>
  );
}

function fitSite(map: GlMap, animate = true): void {
  const [x0, y0, x1, y1] = store.site.peek()!.bounds_m;
  map.fitBounds([lonLat(x0, y0), lonLat(x1, y1)], { padding: 32, bearing: 0, pitch: 0, animate });
}

export type { MapPin };
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
  map.on("click", (event) => {
    if (!asking.peek() && !drawing.peek()) selectAt(map, event.point);
  });
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
  ["overlay-upright", "pipe"],
  ["overlay", "pipe"],
  ["pipe", "pipe"],
  ["pipe-indoors", "pipe"],
  ["gate", "ground"],
  ["plan-space", "space"],
  ["building", "building"],
  ["plaza", "ground"],
  ["green", "ground"],
  ["road-area", "ground"],
  ["fire-lane", "ground"],
  ["road", "ground"],
  ["path", "ground"],
];
const REACH_PX = 8;
const PIPE_REACH_PX = 5;

function thingAt(map: GlMap, at: { x: number; y: number }): { type: ObjectType; id: string } | null {
  const box = (r: number): [[number, number], [number, number]] => [
    [at.x - r, at.y - r],
    [at.x + r, at.y + r],
  ];
  const device = map.queryRenderedFeatures(box(REACH_PX), { layers: ["device"] })[0];
  if (device !== undefined) return { type: "device", id: store.index.peek()!.devices.id[Number(device.id)]! };
  for (const [layer, type] of PICKED) {
    const found = map.queryRenderedFeatures(box(type === "pipe" || layer === "gate" ? PIPE_REACH_PX : 0), { layers: [layer] })[0];
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
    else if (wish.kind === "fit_all") {
      const ids = new Set(wish.refs.map((ref) => ref.id));
      const corners = features.filter((f) => ids.has(String(f.properties?.id))).flatMap((f) => cornersOf(f.geometry));
      if (corners.length > 0) map.fitBounds(extent(corners), { padding: 90, maxZoom: 19 });
    } else if (wish.kind === "fit") {
      const id = wish.ref.type === "storey" ? store.index.peek()!.storey.get(wish.ref.id)?.building : wish.ref.id;
      const found = features.find((f) => f.properties?.id === id)?.geometry;
      const corners = found === undefined ? [] : cornersOf(found);
      if (corners.length > 0) map.fitBounds(extent(corners), { padding: 80 });
    } else if (wish.kind === "reset") fitSite(map);
  });
}
