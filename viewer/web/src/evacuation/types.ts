/** What the server tells of an evacuation as it would go. */

import type { Point3, Text } from "../types";

export interface Cleared {
  persons: number;
  /** Null is never. */
  clear_s: number | null;
  quantiles_s: Record<string, number | null> | null;
}

export interface ClearedBuilding extends Cleared {
  id: string;
  name: Text;
}

export interface ClearedStorey extends ClearedBuilding {
  building: string;
}

export interface Queue {
  id: string;
  kind: string;
  storey: string | null;
  place: Text | null;
  point_m: Point3;
  waited_person_s: number;
  longest: number;
}

export interface Exit {
  id: string;
  place: Text | null;
  point_m: Point3;
  persons: number;
  clear_s: number | null;
}

export interface Stream {
  line_m: Point3[];
  persons: number;
  storey: string | null;
}

export interface Smoke {
  harmed: number;
  overcome: number;
  /** Places that become unbearable, and how long they are needed. */
  margins: { place: string; name: Text; at: Text | null; available_s: number | null; needed_s: number | null; sure_s: number | null; margin_s: number | null }[];
  exposed: { space: string; name: Text; at: Text | null; persons: number; dose: number; sight_m: number; stay_dose: number; is_better_staying: boolean }[];
}

export interface Evacuation extends Cleared {
  buildings: ClearedBuilding[];
  storeys: ClearedStorey[];
  queues: Queue[];
  exits: Exit[];
  fire: { space: string; name: Text; place: Text | null; point_m: Point3 | null; lifts: string[] } | null;
  trapped: { space: string; persons: number }[];
  caught: { place: string; name: Text; persons: number }[];
  through_fire: string[];
  smoke: Smoke | null;
  lifted: { lift: string; storey: string; persons: number; arrives_s: number }[];
  /** Rooms that smoke reaches, and how thick it is there at these times. */
  smoke_times_s: number[];
  smoke_rooms: { space: string; storey: string | null; z_m: number; outline_m: [number, number][]; extinction_per_m: number[] }[];
  timeline: { times_s: number[]; out: number[]; inside: Record<string, number[]> };
  streams: Stream[];
  /** Of the first queues, how many wait at each of the timeline's times. */
  waiting: number[][];
  took_ms: number;
}

export interface EvacuationQuestion {
  time: "night" | "day";
  fire: string | null;
  closed: readonly string[];
  closings: Record<string, number>;
  full: Record<string, number | null>;
  smoke: boolean;
  fans: boolean;
  others_later_s: number;
  lifts: readonly string[];
  runs: number;
}

/** What is in the way now, or may be. */
export interface Hazard {
  id: string;
  kind: string;
  standing: string;
  is_confirmed: boolean;
  point_m: Point3 | null;
  text: Text;
}

/** How many people are in: an estimate with the range that holds in four of five cases. */
export interface Inside {
  building: string | null;
  name: Text | null;
  persons: number;
  low: number;
  high: number;
  at_alarm: number | null;
  came_out: number | null;
  exits: number;
  counted_exits: number;
  silent: string[];
}

export interface EvacuationNow {
  is_alarm: boolean;
  is_fire: boolean;
  hazards: Hazard[];
  /** Only those that are not as always. */
  ways: { space: string }[];
  cut_off: { space: string; kind: string; persons: number | null }[];
  commands: { device: string; kind: string; how: string; text: Text; is_done: boolean; clause: string }[];
  inside: { all: Inside; buildings: Inside[] } | null;
  roll_call: { points: { id: string; name: Text; expected: number; counted: number | null }[]; missing: number | null };
}
