/** The shapes of leaks, shut-down plans, traces and what could be found (docs/api.md), as the pages use them. */

import type { Point3, Severity, Text } from "./types";

export type LeakState = "suspected" | "located" | "repairing" | "confirming" | "repaired" | "persists" | "dismissed";
export type GroupLevel = "zone" | "building" | "riser" | "storey" | "flat";

export interface District {
  id: string;
  name: Text;
  network: string;
  inflow_m3_per_s: number;
  leakage_m3_per_s: number;
  low_m3_per_s: number;
  high_m3_per_s: number;
  night_flow_m3_per_s: number | null;
  balance_m3_per_s: number | null;
  /** The district it is fed from; null where its water comes from the sources. */
  parent: string | null;
  passed_m3_per_s: number | null;
  drawn_m3_per_s: number | null;
  stored_m3_per_s: number | null;
  note: Text | null;
}
export interface LeakGroup {
  level: GroupLevel;
  id: string;
  name: Text;
  probability_ratio: number;
}
export interface Candidate {
  type: "pipe" | "space";
  id: string;
  probability_ratio: number;
  size_m3_per_s: number;
}
export interface Area {
  length_m: number;
  objects: string[];
}
export interface EvidenceSeries {
  channel: string;
  unit: string;
  time_s: number[];
  observed: (number | null)[];
  expected: (number | null)[];
}
/** A number by time, and the band in which it was before anything leaked. */
export interface Course {
  time_s: number[];
  value_m3_per_s: (number | null)[];
  low_m3_per_s: number | null;
  high_m3_per_s: number | null;
}
export interface BalanceCourse {
  district: string;
  missing: Course;
  nights: Course;
}
export interface EvidenceLine {
  kind: string;
  text: Text;
  channel: string | null;
  weight_nats: number;
  series?: EvidenceSeries | null;
}
export interface Measurement {
  kind: string;
  text: Text;
  objects: string[];
}
export interface Confirmation {
  state: "waiting" | "repaired" | "persists";
  text: Text;
  reported_at: string | null;
  before_m3_per_s: number;
  low_m3_per_s: number | null;
  high_m3_per_s: number | null;
  until: string | null;
}
export interface Leak {
  id: string;
  network: string;
  shape: string;
  onset_at: string;
  onset_low_at: string;
  onset_high_at: string;
  size_m3_per_s: number;
  size_low_m3_per_s: number;
  size_high_m3_per_s: number;
  cost_per_day: number;
  currency: string;
  lost_m3: number;
  title: Text;
  place: { name: Text; object: string | null; probability_ratio: number };
  localisable: boolean;
  why_not: Text | null;
  groups: LeakGroup[];
  candidates: Candidate[];
  area_50: Area;
  area_90: Area;
  evidence: EvidenceLine[];
  /** Of the leak's district; only where one leak is asked for. */
  balance?: BalanceCourse | null;
  next_measurement: Measurement | null;
  state: LeakState;
  alarm: string | null;
  work_order: string | null;
  confirmation: Confirmation | null;
  closed_at?: string | null;
  /** Why it was dismissed or opened again. */
  reason?: string;
}
export interface Unanswered {
  what: Text;
  why: Text;
  mend: Text;
  objects: string[];
}
export interface SensorFault {
  channel: string;
  device: string;
  fault: string;
  since: string | null;
  text: Text;
}
export interface LeakReport {
  at: string;
  window: { start: string; end: string };
  status: "learning" | "watching" | "blind";
  learning_until: string | null;
  districts: District[];
  leaks: Leak[];
  unanswered: Unanswered[];
  sensors: SensorFault[];
  past?: Leak[];
}
export type LeakCommand = "create_work_order" | "report_repaired" | "dismiss" | "reopen";

export interface PlannedValve {
  valve: string;
  name: Text | string;
  point_m: Point3 | null;
  order: number;
  reason: Text | string;
  /** As last heard: open, or unknown. */
  state?: string;
}
export interface DryPlace {
  id: string;
  name: Text;
}
export interface IsolationPlan {
  pipe: string;
  close: PlannedValve[];
  /** Valves that are closed already and must stay so. */
  keep_closed: string[];
  stuck: string[];
  isolated: string[];
  /** How long the shut-down was taken to last. */
  hours: number;
  without_water: {
    flats: string[];
    households: string[];
    /** Households in which somebody elderly lives alone. */
    vulnerable: string[];
    people: number;
    hydrants: string[];
    critical: DryPlace[];
  };
  low_pressure: { space: string; pressure_head_m: number; before_m: number; needed_m: number }[];
  /** Flats that have water until their tank is empty. */
  later: { space: string; after_s: number }[];
  drain: { node: string; elevation_m: number } | null;
  checked: boolean;
  warnings: (Text | string)[];
}
/** What runs through a pipe: 1 from its start to its end, -1 back, 0 where it stands or nobody can tell. */
export interface PipeFlow {
  pipe: string;
  way: -1 | 0 | 1;
  flow_m3_per_s: number | null;
  velocity_m_per_s: number | null;
  measured: boolean;
}
export interface PipeFlows {
  at: string;
  by: string;
  items: PipeFlow[];
}
export type TraceDirection = "upstream" | "downstream" | "connected";
export interface Trace {
  pipes: string[];
  nodes: string[];
  length_m: number;
  ends: string[];
  flats: number;
  /** What told the direction: the flow, the fall, or the way from the source. */
  by: string;
}
export interface FoundPipe {
  id: string;
  found_after_s: number | null;
  /** Null where it is not found. */
  area_90_m: number | null;
  /** Null where nothing observes the pipe. */
  smallest_m3_per_s: number | null;
}
export interface NextSensor {
  node: string;
  gain_ratio: number;
  /** Where it is, as its card says. */
  point_m?: Point3;
}
export interface Identifiability {
  size_m3_per_s: number;
  /** Time within which it must be found to count. */
  within_s: number;
  length_m: number;
  pipes: FoundPipe[];
  next_sensors: NextSensor[];
  /** What as many sensors anywhere could gain at most. */
  bound_ratio: number;
}
/** Something amiss on a network, told by several devices together. */
export interface NetworkFinding {
  kind: string;
  severity: Severity;
  text: Text;
  objects: string[];
  devices: string[];
  value: number | null;
  unit: string | null;
  limit: Basis | null;
}

/** A limit, where it is from, and how sure that is. */
export interface Basis {
  value: number;
  unit: string;
  source: string;
  certainty: "quoted" | "recalled" | "chosen";
}

export interface HydrantState {
  node: string;
  device: string | null;
  in_service: boolean | null;
  reason: Text | null;
}
