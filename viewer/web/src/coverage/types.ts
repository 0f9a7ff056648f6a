/** What the server answers about coverage (docs/api.md). */

import type { Geometry } from "geojson";
import type { Point3, Text } from "../types";

export type Reason = "occluded" | "too_far" | "outside_field" | "dead_zone" | "offline" | "dark" | "too_steep" | "too_few" | "none_near" | "no_way" | "loose_joint" | "open_gate";

export interface Gap {
  area_m2: number;
  /** Of a gap in a line. */
  length_m?: number;
  elevation_m: number;
  reasons: Partial<Record<Reason, number>>;
  hidden_by: { kind: string; id: string }[];
  nearest: string[];
  area: Geometry;
}

/** The cells of a place: rows from south to north. */
export interface CellGrid {
  corner_m: [number, number];
  step_m: number;
  rows: number;
  columns: number;
  elevation_m: number;
  storey: string | null;
  offset: number;
  zero: number;
  scale: number;
}

/** One rule of a standard, or one model's answer, for a place. */
export interface Rule {
  code: string;
  needed: number;
  reached: number;
  unit: string;
  is_met: boolean;
  is_binding: boolean;
  source: string;
  certainty: string;
}

export interface PlaceHead {
  id: string;
  name: Text;
  storey: string | null;
  area_m2: number;
  /** Of a line, which has no area. */
  length_m?: number;
  requirement: string;
  clauses: string[];
  kind: string;
  level: string | null;
  level_name: Text | null;
  edition: string | null;
  needed: number;
  min_share_ratio: number;
  min_count: number;
  share_ratio: number;
  is_met: boolean;
  shortfall_ratio: number;
  by_count: Record<string, number>;
  devices: string[];
  rules: Rule[];
  depends_on: string[];
  lost_without: Record<string, number>;
  gaps: Gap[];
  unit: string;
  grid: CellGrid;
}

/** A place with its cells: numbers as the grid's `zero` and `scale` read them, 65535 outside; counts of cameras. */
export interface Place extends PlaceHead {
  key: string;
  values: Uint16Array;
  counts: Uint8Array;
}

export interface Eye {
  bearing_deg: number;
  tilt_deg: number;
  roll_deg: number;
  optics: "pinhole" | "fisheye";
  horizontal_fov_deg: number;
  vertical_fov_deg: number;
  reach_m: number;
}

export interface Camera {
  id: string;
  name: Text;
  model: string;
  is_offline: boolean;
  turns: boolean;
  position_m: Point3;
  bearing_deg: number | null;
  tilt_deg: number | null;
  infrared_m: number;
  eyes: Eye[];
  places: string[];
  needed_by: string[];
  /** Of one that turns by itself: bearing, tilt and zoom of each, as `120/20/1`. */
  presets: string[];
}

export interface Problem {
  code: string;
  object_id: string;
  message: string;
}

export interface Level {
  id: string;
  name: Text;
  density_px_per_m: number;
}

/** Steps by which the floors of a kind are coloured, from the first that counts. */
export interface Scale {
  unit: string;
  better: "more" | "less";
  steps: number[];
}

export interface Answer {
  kind: string;
  /** Kinds that the site has requirements of. */
  kinds: string[];
  /** None for cameras, whose levels are their standard's. */
  scale: Scale | null;
  /** Devices that serve the kind, and those of them that are down. */
  devices: string[];
  offline: string[];
  places: Place[];
  cameras: Camera[];
  problems: Problem[];
  models: { id: string; name: Text; turns: boolean; price: number | null }[];
  levels: Record<string, Level[]>;
  /** Sources of rules as each language cites them. */
  sources?: Record<string, Text>;
}

/** The answer to a what-if question: places that it changes. */
export interface WhatIf {
  places: Place[];
  cameras: Camera[];
  problems: Problem[];
  was: { id: string; requirement: string; share_ratio: number; is_met: boolean }[];
  took_ms: number;
}

/** A camera as somebody would have it; what is not given stays as it is. */
export interface CameraChange {
  id: string;
  kind?: string;
  model?: string;
  x_m?: number;
  y_m?: number;
  z_m?: number;
  bearing_deg?: number;
  tilt_deg?: number;
  presets?: string[];
  roll_deg?: number;
  space?: string;
}

export interface Question {
  devices: CameraChange[];
  without: string[];
  explain: boolean;
}

/** As it comes: places have no cells of their own yet. */
export type Packed<A extends { places: Place[] }> = Omit<A, "places"> & { places: PlaceHead[] };

export interface Sighting {
  id: string;
  density_px_per_m: number;
  is_hidden: boolean;
  is_offline: boolean;
  hidden_by: { kind: string; id: string } | null;
}

/** Who sees somebody along a way, piece by piece. */
export interface Followed {
  seen_ratio: number;
  length_m: number;
  pieces: { point_m: Point3; length_m: number; cameras: string[] }[];
}

/** A camera that could be turned to what a place lacks. */
export interface Successor {
  id: string;
  share_ratio: number;
  turns: boolean;
  bearing_deg: number;
  tilt_deg: number;
  zoom_ratio: number;
}

/** Where cameras should be for what lacks. */
export interface Suggested {
  way: string;
  is_met: boolean;
  cost: number;
  devices: CameraChange[];
  /** Those of them that are there already. */
  changed: string[];
  proof: { is_optimal: boolean; gap_ratio: number; considered: number };
  gains: { place: string; requirement: string; before_ratio: number; after_ratio: number; min_share_ratio: number; is_met: boolean }[];
  unmet: { place: string; requirement: string; reason: string; area_m2: number }[];
}
