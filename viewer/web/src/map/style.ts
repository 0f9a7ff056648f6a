/** The map's style, built from the tokens: no tiles, no glyphs, nothing from outside. */

import type { ExpressionSpecification, FilterSpecification, LayerSpecification, LineLayerSpecification, StyleSpecification } from "maplibre-gl";
import { RAMPS, type Ramp } from "../overlay";

/** The colour of a token; read anew when the theme changes. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** How faint the pipes are that an overlay says nothing of. */
export const FAINT_OPACITY = 0.25;
export const PIPE_OPACITY = 0.85;

const EMPTY = { type: "FeatureCollection" as const, features: [] };
export const SYSTEM_OF_NETWORK: Record<string, string> = {
  domestic_water: "water",
  fire_main: "fire",
  drainage: "drainage",
  telecom_duct: "telecom",
  heating: "climate",
  gas: "gas",
};

function ofLayer(layer: string): ExpressionSpecification {
  return ["==", ["get", "layer"], layer];
}

function uses(...names: string[]): ExpressionSpecification {
  return ["in", ["get", "use"], ["literal", names]];
}

const ABOVE_GROUND: ExpressionSpecification = [">=", ["+", ["coalesce", ["get", "base_elevation_m"], 0], ["coalesce", ["get", "height_m"], 1]], 0.5];

/** Colour of a network by its id. */
function networkColours(networks: readonly { id: string; kind: string }[]): ExpressionSpecification | string {
  const pairs = networks.flatMap((n) => [n.id, token(`system-${SYSTEM_OF_NETWORK[n.kind] ?? "service"}`)]);
  return pairs.length === 0 ? token("ink-3") : (["match", ["get", "network"], ...pairs, token("ink-3")] as unknown as ExpressionSpecification);
}

/** Pipes within a building show from near: from afar the risers of a tower lie on its name. */
const INDOORS = ["riser", "meter"];
const INDOORS_FROM_ZOOM = 18;

/** Filters for the pipes of those networks whose system is on. */
export function networksShown(
  networks: readonly { id: string; kind: string }[],
  systemsOff: ReadonlySet<string>,
): { outdoors: FilterSpecification; indoors: FilterSpecification } {
  const on = networks.filter((n) => !systemsOff.has(SYSTEM_OF_NETWORK[n.kind] ?? "service")).map((n) => n.id);
  const pipes: ExpressionSpecification = ["all", ofLayer("pipe"), ["in", ["get", "network"], ["literal", on]]];
  const indoors: ExpressionSpecification = ["in", ["coalesce", ["get", "use"], ["get", "kind"]], ["literal", INDOORS]];
  return { outdoors: ["all", pipes, ["!", indoors]], indoors: ["all", pipes, indoors] };
}

function pipe(id: string, colours: ExpressionSpecification | string, filter: FilterSpecification, minzoom: number): LayerSpecification {
  return {
    id,
    type: "line",
    source: "site",
    minzoom,
    filter,
    layout: { "line-cap": "round", "line-join": "round" },
    paint: { "line-color": colours, "line-width": ["interpolate", ["linear"], ["zoom"], 15, 0.8, 17, 1.4, 20, 3], "line-opacity": PIPE_OPACITY },
  };
}

function grounds(): LayerSpecification[] {
  const area = (id: string, colour: string, ...names: string[]): LayerSpecification => ({
    id,
    type: "fill",
    source: "site",
    filter: ["all", ofLayer("ground"), uses(...names), ["==", ["geometry-type"], "Polygon"]],
    paint: { "fill-color": colour },
  });
  const way = (id: string, colour: string, ...names: string[]): LayerSpecification => ({
    id,
    type: "line",
    source: "site",
    filter: ["all", ofLayer("ground"), uses(...names), ["==", ["geometry-type"], "LineString"]],
    layout: { "line-cap": "round", "line-join": "round" },
    // the width in metres at this latitude: doubling with each zoom
    paint: {
      "line-color": colour,
      "line-width": ["interpolate", ["exponential", 2], ["zoom"], 14, ["*", ["coalesce", ["get", "width_m"], 2], 0.13], 22, ["*", ["coalesce", ["get", "width_m"], 2], 33]],
    },
  });
  return [
    area("boundary", token("ground"), "site_boundary"),
    area("green", token("map-green"), "green", "playground", "sports", "fitness"),
    area("water", token("map-water"), "water"),
    area("plaza", token("map-path"), "plaza", "parking_space", "charging_area", "bicycle_parking", "assembly_point", "ramp_mouth", "other"),
    area("road-area", token("map-road"), "road", "fire_lane"),
    area("path-area", token("map-path"), "path"),
    way("road", token("map-road"), "road", "fire_lane"),
    way("path", token("map-path"), "path"),
    // what must stay free for the fire brigade is dashed in its colour, areas and lanes alike
    {
      id: "fire-area",
      type: "fill",
      source: "site",
      filter: ["all", ofLayer("ground"), uses("fire_operation_area"), ["==", ["geometry-type"], "Polygon"]],
      paint: { "fill-color": token("system-fire"), "fill-opacity": 0.08 },
    },
    {
      id: "fire-lane",
      type: "line",
      source: "site",
      filter: ["all", ofLayer("ground"), uses("fire_lane", "fire_operation_area")],
      paint: { "line-color": token("system-fire"), "line-width": 1.6, "line-opacity": 0.75, "line-dasharray": [5, 3] },
    },
    {
      id: "boundary-line",
      type: "line",
      source: "site",
      filter: ["all", ofLayer("ground"), uses("perimeter", "site_boundary")],
      paint: { "line-color": token("hairline-2"), "line-width": 1.5, "line-dasharray": [4, 2] },
    },
    {
      id: "ground-line",
      type: "line",
      source: "site",
      filter: ["all", ofLayer("ground"), uses("parking_space", "charging_area")],
      paint: { "line-color": token("hairline-2"), "line-width": 1 },
    },
    {
      id: "gate",
      type: "line",
      source: "site",
      filter: ["all", ofLayer("ground"), uses("gate", "vehicle_gate")],
      paint: { "line-color": token("ink"), "line-width": ["interpolate", ["linear"], ["zoom"], 15, 3, 19, 6] },
    },
  ];
}

function storeyPlan(): LayerSpecification[] {
  return [
    {
      id: "plan-space",
      type: "fill",
      source: "plan",
      filter: ofLayer("space"),
      paint: {
        "fill-color": [
          "match",
          ["get", "use"],
          ["corridor", "lobby", "lift_lobby", "hall"],
          token("surface-2"),
          ["stair", "lift_shaft", "shaft"],
          token("hairline"),
          token("surface"),
        ],
      },
    },
    { id: "plan-space-line", type: "line", source: "plan", filter: ofLayer("space"), paint: { "line-color": token("ink-3"), "line-width": 1.2 } },
    {
      id: "plan-overlay",
      type: "fill",
      source: "plan",
      filter: ["in", ["get", "id"], ["literal", []]],
      paint: { "fill-color": token("heat-3"), "fill-opacity": 0.8 },
    },
    {
      id: "plan-obstacle",
      type: "fill",
      source: "plan",
      filter: ofLayer("obstacle"),
      paint: { "fill-color": token("ink-3") },
    },
    {
      id: "plan-opening",
      type: "line",
      source: "plan",
      filter: ofLayer("opening"),
      paint: {
        "line-color": ["match", ["get", "kind"], "window", token("map-water"), token("surface")],
        "line-width": 3,
      },
    },
    { id: "plan-outline", type: "line", source: "plan", filter: ofLayer("storey"), paint: { "line-color": token("ink-2"), "line-width": 2 } },
  ];
}

/** Feature states of a device: alarm, quality (0 to 4), selected. */
function devices(): LayerSpecification[] {
  const quality: ExpressionSpecification = ["coalesce", ["feature-state", "quality"], 4];
  const alarm: ExpressionSpecification = ["coalesce", ["feature-state", "alarm"], ""];
  const selected: ExpressionSpecification = ["boolean", ["feature-state", "selected"], false];
  const severity: ExpressionSpecification = ["match", alarm, "critical", token("critical"), "major", token("major"), "minor", token("minor"), token("info")];
  const alive: ExpressionSpecification = ["<=", quality, 1];
  return [
    {
      id: "device-halo",
      type: "circle",
      source: "devices",
      paint: {
        "circle-radius": ["case", selected, 13, 0],
        "circle-color": token("accent"),
        "circle-opacity": 0.25,
      },
    },
    {
      // a ring beside the sign: an alarm is not told by colour alone
      id: "device-alarm",
      type: "circle",
      source: "devices",
      paint: {
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 15, 5, 21, 14],
        "circle-opacity": 0,
        "circle-stroke-width": ["case", ["!=", alarm, ""], 2, 0],
        "circle-stroke-color": severity,
      },
    },
    {
      id: "device",
      type: "circle",
      source: "devices",
      paint: {
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 15, 2, 18, 4.5, 21, 8],
        "circle-color": [
          "case",
          ["!=", alarm, ""],
          severity,
          alive,
          ["get", "colour"],
          token("surface"),
        ],
        "circle-stroke-width": ["case", alive, 1, 1.5],
        "circle-stroke-color": ["case", alive, token("surface"), token("stale")],
      },
    },
  ];
}

/** What lies over the estate: features bring their place on the ramp (`level`) and their width. */
function overlayLayers(): LayerSpecification[] {
  const dashed: ExpressionSpecification = ["==", ["get", "dashed"], true];
  const width: ExpressionSpecification = ["interpolate", ["linear"], ["zoom"], 15, ["*", ["get", "width_px"], 0.7], 19, ["*", ["get", "width_px"], 1.4]];
  type Paint = NonNullable<LineLayerSpecification["paint"]>;
  const line = (id: string, filter: FilterSpecification, paint: Paint): LayerSpecification => ({
    id,
    type: "line",
    source: "overlay",
    filter,
    layout: { "line-cap": paint["line-dasharray"] === undefined ? "round" : "butt", "line-join": "round", "line-sort-key": ["get", "width_px"] },
    paint: { "line-width": width, ...paint },
  });
  const casing: ExpressionSpecification = ["interpolate", ["linear"], ["zoom"], 15, ["+", ["*", ["get", "width_px"], 0.7], 2], 19, ["+", ["*", ["get", "width_px"], 1.4], 3]];
  return [
    line("overlay-casing", ["!", dashed], { "line-width": casing, "line-color": token("surface") }),
    line("overlay-dashed", dashed, { "line-color": rampColour("heat"), "line-dasharray": [1.4, 1] }),
    line("overlay", ["!", dashed], { "line-color": rampColour("heat") }),
    {
      id: "overlay-upright",
      type: "circle",
      source: "overlay",
      filter: ["==", ["geometry-type"], "Point"],
      layout: { "circle-sort-key": ["get", "level"] },
      paint: {
        "circle-color": rampColour("heat"),
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 15, 3, 19, ["+", 2, ["get", "width_px"]]],
        "circle-stroke-color": token("surface"),
        "circle-stroke-width": 1.5,
      },
    },
  ];
}

/** The colour of a feature by its place on a ramp. */
export function rampColour(ramp: Ramp, level: ExpressionSpecification = ["get", "level"]): ExpressionSpecification {
  const stops = RAMPS[ramp].flatMap((name, k, all) => [k / (all.length - 1), token(name)]);
  return ["interpolate", ["linear"], level, ...stops] as unknown as ExpressionSpecification;
}

export function siteStyle(networks: readonly { id: string; kind: string }[]): StyleSpecification {
  const colours = networkColours(networks);
  const pipes = networksShown(networks, new Set());
  return {
    version: 8,
    sources: {
      site: { type: "geojson", data: EMPTY, promoteId: "id" },
      plan: { type: "geojson", data: EMPTY, promoteId: "id" },
      devices: { type: "geojson", data: EMPTY },
      marks: { type: "geojson", data: EMPTY },
      overlay: { type: "geojson", data: EMPTY },
    },
    layers: [
      { id: "background", type: "background", paint: { "background-color": token("paper") } },
      ...grounds(),
      {
        id: "building",
        type: "fill",
        source: "site",
        filter: ["all", ofLayer("building"), ABOVE_GROUND],
        paint: { "fill-color": token("map-building"), "fill-opacity": 0.9 },
      },
      {
        id: "building-line",
        type: "line",
        source: "site",
        filter: ["all", ofLayer("building"), ABOVE_GROUND],
        paint: { "line-color": token("map-building-edge"), "line-width": 1.2 },
      },
      {
        id: "basement-line",
        type: "line",
        source: "site",
        filter: ["all", ofLayer("building"), ["!", ABOVE_GROUND]],
        paint: { "line-color": token("map-building-edge"), "line-width": 1, "line-dasharray": [3, 3] },
      },
      ...storeyPlan(),
      pipe("pipe", colours, pipes.outdoors, 0),
      pipe("pipe-indoors", colours, pipes.indoors, INDOORS_FROM_ZOOM),
      ...overlayLayers(),
      {
        id: "tree",
        type: "circle",
        source: "site",
        filter: ["all", ofLayer("ground"), uses("tree"), ["==", ["geometry-type"], "Point"]],
        paint: { "circle-color": token("system-environment"), "circle-opacity": 0.35, "circle-radius": ["interpolate", ["exponential", 2], ["zoom"], 15, 1, 20, 16] },
      },
      {
        id: "selected-area",
        type: "line",
        source: "site",
        filter: ["==", ["get", "id"], ""],
        paint: { "line-color": token("accent"), "line-width": 3 },
      },
      { id: "way", type: "line", source: "marks", layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": token("accent"), "line-width": 4, "line-opacity": 0.8 } },
      ...devices(),
    ],
  };
}
