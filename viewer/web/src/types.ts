/** The shapes of the web interface (docs/api.md), as the pages use them. */

export interface Text {
  zh: string;
  en: string;
}
export type Point3 = [number, number, number];
export type ObjectType = "device" | "space" | "storey" | "building" | "ground" | "pipe" | "node";
export interface ObjectRef {
  type: ObjectType;
  id: string;
}
export interface PlaceStep {
  type: string;
  id: string;
  name: Text;
}

export interface SiteSummary {
  id: string;
  name: Text;
  languages: string[];
  time_zone: string;
  origin: { lon_deg: number; lat_deg: number; height_m: number; epsg: number };
  bounds_m: [number, number, number, number];
  counts: Record<string, number>;
  index_version: number;
  systems: string[];
  networks: { id: string; kind: string; name: Text }[];
}

export interface ChannelKind {
  id: string;
  name: Text;
  unit: string;
  states: Record<string, Text>;
  alarm_states: number[];
  decimals: number;
  interval_s: number;
}
export interface DeviceKind {
  id: string;
  name: Text;
  system: string;
  colour: string | null;
  primary: string | null;
  channels: ChannelKind[];
}
export interface DeviceColumns {
  id: string[];
  kind: number[];
  name_zh: string[];
  name_en: string[];
  x_m: number[];
  y_m: number[];
  z_m: number[];
  building: (string | null)[];
  storey: (string | null)[];
  space: (string | null)[];
  first_row: number[];
}
export interface StoreyEntry {
  id: string;
  name: Text;
  number: number;
  elevation_m: number;
  height_m: number;
}
export interface BuildingEntry {
  id: string;
  name: Text;
  use: string;
  height_m: number;
  base_elevation_m: number;
  storeys: StoreyEntry[];
}
export interface IndexDocument {
  version: number;
  kinds: DeviceKind[];
  devices: DeviceColumns;
  buildings: BuildingEntry[];
}

export type QualityName = "good" | "uncertain" | "stale" | "bad" | "never";
export interface ChannelValue {
  id: string;
  name: Text;
  unit: string;
  row: number;
  value: number | null;
  quality: QualityName;
  at: string | null;
  states: Record<string, Text>;
  alarm_states?: number[];
  decimals: number;
  writable: boolean;
}
export interface Fact {
  name: Text;
  value: number | string | Text;
  unit: string | null;
  /** The unit people read it in, where that is not the usual one. */
  read_in?: "mm" | "permille" | null;
}
export interface Found extends ObjectRef {
  name: Text;
  place: PlaceStep[];
  point_m: Point3;
}
export interface Card extends Found {
  kind: string | null;
  use: string | null;
  facts: Fact[];
  channels: ChannelValue[];
  devices: string[];
  alarms?: Alarm[];
  work_orders?: WorkOrder[];
}

export type Severity = "critical" | "major" | "minor" | "info";
export type AlarmState = "raised" | "acknowledged" | "shelved" | "cleared";
/** Where an alarm or an order is. */
export interface Place {
  type: ObjectType;
  id: string;
  name: Text;
  point_m: Point3 | null;
  storey: string | null;
}
export interface Alarm {
  id: string;
  rule: string;
  name: Text;
  severity: Severity;
  state: AlarmState;
  device: string | null;
  channel: string | null;
  place: Place | null;
  point_m: Point3 | null;
  value: number | null;
  unit: string | null;
  raised_at: string;
  acknowledged_at: string | null;
  acknowledged_by?: string | null;
  shelved_until?: string | null;
  cleared_at: string | null;
  count: number;
  advice: Text | null;
  devices?: string[];
  work_order: string | null;
}

export type WorkOrderState =
  | "requested"
  | "assigned"
  | "accepted"
  | "in_progress"
  | "paused"
  | "done"
  | "verified"
  | "cancelled";
export type WorkOrderCommand =
  | "assign"
  | "accept"
  | "start"
  | "pause"
  | "resume"
  | "finish"
  | "verify"
  | "reject"
  | "reopen"
  | "cancel";
export interface WorkOrder {
  id: string;
  title: Text;
  state: WorkOrderState;
  /** 1 is the most urgent, 4 can wait. */
  priority: number;
  place: Place;
  alarm: string | null;
  assignee: string | null;
  created_at: string;
  created_by: string;
  advice: Text | null;
  steps: { at: string; actor: string; type: string; note: string | null }[];
  /** Commands that its state allows. */
  possible?: WorkOrderCommand[];
}

export interface StaffMember {
  id: string;
  name: Text;
  role: string;
  skills: string[];
  phone?: string;
}
export interface Series {
  channel: string;
  unit: string;
  start: string;
  end: string;
  step_s: number;
  time_s: number[];
  mean: (number | null)[];
  min: (number | null)[];
  max: (number | null)[];
  count: number[];
}
export interface RouteStep {
  text: Text;
  storey: string | null;
  point_m: Point3;
  /** Since the step before. */
  length_m: number;
  duration_s: number;
  opening: string | null;
  is_locked: boolean;
}
/** The line of a way on one storey, or by one stair, lift or ramp that leads to it. */
export interface RouteLeg {
  kind: "walk" | "stair" | "lift" | "ramp";
  id: string;
  storey: string | null;
  line_m: Point3[];
  length_m: number;
  duration_s: number;
  rise_m: number;
}
export interface RouteRefusal {
  text: Text;
  obstacles: { cause: string; id: string; point_m: Point3; text: Text }[];
  reached: string | null;
  reached_s: number;
}
export interface Route {
  steps: RouteStep[];
  legs: RouteLeg[];
  length_m: number;
  duration_s: number;
  /** Why no way leads there; it has no steps then. */
  refusal: RouteRefusal | null;
}
export interface NearestRoute {
  kind: string;
  places: { id: string; name: Text; storey: string | null; duration_s: number }[];
  unreached: number;
  way: Route | null;
}

export interface IncidentKind {
  kind: string;
  name: Text;
  targets: string;
  examples: string[];
}
export interface ActiveIncident {
  id?: string;
  kind?: string;
  incident?: string;
  target?: string | null;
  name?: Text;
  started_at?: string | number;
}
export interface SimulatorStatus {
  running: boolean;
  speed: number | null;
  site_time: string | number | null;
  incidents: ActiveIncident[];
  catalog: IncidentKind[];
}

export interface IngestProblem {
  reason: string;
  topic: string;
  count: number;
  first_at: string;
  last_at: string;
  example: string;
}
export interface IngestStatus {
  received: number;
  stored: number;
  duplicates: number;
  late: number;
  rejected: number;
  unknown_topic: number;
  problems: { items: IngestProblem[] };
}
export interface Health {
  status: "ok" | "degraded";
  broker: { connected: boolean; since: string | null };
  history: { writable: boolean; readings: number };
  uptime_s: number;
  memory_bytes: number;
  reasons: string[];
}

/** What a severity means for the order of lists: the first is the worst. */
export const SEVERITIES: readonly Severity[] = ["critical", "major", "minor", "info"];
