/**
 * What lies over the estate for a question: a value for each pipe or flat, and signs at places.
 *
 * The scene and the map draw an overlay without knowing what it answers; here an answer becomes one.
 */

import type { FoundPipe, Identifiability, IsolationPlan, Leak, NextSensor, Trace, TraceDirection } from "./leak_types";
import type { ObjectRef, ObjectType, Point3 } from "./types";

/** What is asked of the networks now, with the answer. */
export type Lens =
  | { kind: "leak"; leak: string }
  | { kind: "plan"; network: string; pipe: string; stuck: readonly string[]; plan: IsolationPlan }
  | { kind: "trace"; network: string; from: ObjectRef; direction: TraceDirection; trace: Trace }
  | { kind: "reach"; network: string; by: ReachMeasure; reach: Identifiability };
export type ReachMeasure = "area" | "time" | "smallest";
export type MarkTone = "heat" | "valve" | "stuck" | "lost" | "sensor" | "end";

/** A sign at a thing; where it has no point of its own it stands in the thing's middle. */
export interface Mark {
  id: string;
  of: ObjectRef;
  point_m: Point3 | null;
  text: string;
  tone: MarkTone;
  /** Probability that the text tells; where signs meet on the map, they are added up. */
  probability_ratio?: number;
}
export interface Shade {
  /** Place on the ramp, 0 to 1. */
  level: number;
  width_px: number;
  /** Broken line: there is no value. */
  dashed?: boolean;
}
export type Ramp = "heat" | "plan" | "trace" | "reach";
/** The tokens of each ramp, from 0 to 1. */
export const RAMPS: Record<Ramp, readonly string[]> = {
  heat: ["heat-1", "heat-2", "heat-3", "heat-4", "heat-5", "heat-6"],
  plan: ["plan-1", "plan-2", "plan-3", "plan-4"],
  trace: ["trace-1", "trace-2"],
  reach: ["reach-1", "reach-2", "reach-3", "reach-4", "reach-5", "reach-6"],
};

export interface Overlay {
  ramp: Ramp;
  /** Keys are `type:id`. */
  shades: ReadonlyMap<string, Shade>;
  marks: readonly Mark[];
  /** Devices that show beside it: those whose readings speak of it. */
  devices: readonly string[];
}

export const keyOf = (type: ObjectType, id: string): string => `${type}:${id}`;

/** Ids of links and nodes are unique on the site only with their network's in front. */
export function within(network: string, id: string): string {
  return id.startsWith(`${network}/`) ? id : `${network}/${id}`;
}

/** The id of a link or node in its network's own file. */
export function withoutNetwork(network: string, id: string): string {
  return id.startsWith(`${network}/`) ? id.slice(network.length + 1) : id;
}

/** The network that a pipe or node belongs to. */
export function networkOf(ref: ObjectRef, networks: readonly { id: string }[]): string | null {
  if (ref.type !== "pipe" && ref.type !== "node") return null;
  return networks.find((n) => ref.id.startsWith(`${n.id}/`))?.id ?? null;
}

const WIDE_PX = 10;
const MEDIUM_PX = 7;
const FINE_PX = 4;
const MOST_MARKS = 3;
const LEAST_MARKED = 0.05;

/** The device that a channel is of: a channel's id is its device's, a colon, and its own. */
export function deviceOf(channel: string): string {
  const at = channel.lastIndexOf(":");
  return at < 0 ? channel : channel.slice(0, at);
}

/** How strongly a candidate is coloured: the root lifts the long tail, so that it is seen at all. */
export function heat(probability_ratio: number, strongest_ratio: number): number {
  return strongest_ratio <= 0 ? 0 : Math.sqrt(Math.max(0, probability_ratio) / strongest_ratio);
}

export function percent(ratio: number): string {
  const n = ratio * 100;
  return n > 99 && n < 100 ? ">99%" : n < 1 && n > 0 ? "<1%" : `${Math.round(n)}%`;
}

export function leakOverlay(leak: Leak): Overlay {
  const strongest = Math.max(0, ...leak.candidates.map((c) => c.probability_ratio));
  const [half, most] = [new Set(leak.area_50.objects), new Set(leak.area_90.objects)];
  const shades = new Map<string, Shade>();
  for (const { type, id, probability_ratio } of leak.candidates) {
    const width_px = half.has(id) ? WIDE_PX : most.has(id) ? MEDIUM_PX : FINE_PX;
    shades.set(keyOf(type, id), { level: heat(probability_ratio, strongest), width_px });
  }
  const best = leak.candidates.filter((c) => c.probability_ratio >= LEAST_MARKED).slice(0, MOST_MARKS);
  const marks = best.map((c, k): Mark => ({
    id: `heat-${k}`,
    of: { type: c.type, id: c.id },
    point_m: null,
    text: percent(c.probability_ratio),
    tone: "heat",
    probability_ratio: c.probability_ratio,
  }));
  const channels = leak.evidence.flatMap((line) => line.channel ?? []);
  return { ramp: "heat", shades, marks, devices: channels.map(deviceOf) };
}

/** Places on the ramp of a plan. */
export const PLAN_LEVELS = { lowPressure: 0, dry: 1 / 3, isolated: 2 / 3, pipe: 1 } as const;

export function planOverlay(network: string, plan: IsolationPlan): Overlay {
  const shades = new Map<string, Shade>();
  for (const { space } of plan.low_pressure) shades.set(keyOf("space", space), { level: PLAN_LEVELS.lowPressure, width_px: 0 });
  for (const flat of plan.without_water.flats) shades.set(keyOf("space", flat), { level: PLAN_LEVELS.dry, width_px: 0 });
  for (const pipe of plan.isolated) shades.set(keyOf("pipe", within(network, pipe)), { level: PLAN_LEVELS.isolated, width_px: MEDIUM_PX });
  shades.set(keyOf("pipe", within(network, plan.pipe)), { level: PLAN_LEVELS.pipe, width_px: WIDE_PX });
  const marks: Mark[] = plan.close.map((valve) => ({
    id: `valve-${valve.valve}`,
    of: { type: "pipe", id: within(network, valve.valve) },
    point_m: valve.point_m,
    text: String(valve.order),
    tone: "valve",
  }));
  for (const valve of plan.stuck) {
    marks.push({ id: `stuck-${valve}`, of: { type: "pipe", id: within(network, valve) }, point_m: null, text: "×", tone: "stuck" });
  }
  return { ramp: "plan", shades, marks, devices: [] };
}

const LEAST_GAIN = 0.01;
const MOST_ENDS = 24;
const MANY_PIPES = 150;

export function traceOverlay(network: string, from: ObjectRef, trace: Trace): Overlay {
  const shades = new Map<string, Shade>();
  // eight hundred wide pipes would fill the towers
  const width_px = trace.pipes.length > MANY_PIPES ? FINE_PX : MEDIUM_PX;
  for (const pipe of trace.pipes) shades.set(keyOf("pipe", within(network, pipe)), { level: 0, width_px });
  for (const node of trace.nodes) shades.set(keyOf("node", within(network, node)), { level: 0, width_px: 0 });
  shades.set(keyOf(from.type, from.id), { level: 1, width_px: WIDE_PX });
  const marks = trace.ends.slice(0, MOST_ENDS).map((end): Mark => ({
    id: `end-${end}`,
    of: { type: "node", id: within(network, end) },
    point_m: null,
    text: "•",
    tone: "end",
  }));
  return { ramp: "trace", shades, marks, devices: [] };
}

/** What is shown of a pipe, in the unit of the measure; null where such a leak would not be found there. */
export function reachValue(pipe: FoundPipe, by: ReachMeasure): number | null {
  if (by === "smallest") return pipe.smallest_m3_per_s;
  if (pipe.found_after_s === null) return null;
  return by === "time" ? pipe.found_after_s : pipe.area_90_m;
}

/** Places for sensors that would change something. */
export function helpful(reach: Identifiability): NextSensor[] {
  return reach.next_sensors.filter((sensor) => sensor.gain_ratio >= LEAST_GAIN);
}

/** Ends of the scale over all pipes that have a value; equal ends where there is but one value. */
export function reachRange(reach: Identifiability, by: ReachMeasure): [number, number] | null {
  const values = reach.pipes.flatMap((p) => reachValue(p, by) ?? []);
  return values.length === 0 ? null : [Math.min(...values), Math.max(...values)];
}

/** Logarithmic place between two ends: areas and times differ by powers of ten. */
export function logPlace(value: number, [low, high]: readonly [number, number]): number {
  const [a, b] = [Math.log(Math.max(low, 1e-9)), Math.log(Math.max(high, 1e-9))];
  return b - a < 1e-9 ? 0 : Math.min(1, Math.max(0, (Math.log(Math.max(value, 1e-9)) - a) / (b - a)));
}

export function reachOverlay(network: string, reach: Identifiability, by: ReachMeasure): Overlay {
  const range = reachRange(reach, by);
  const shades = new Map<string, Shade>();
  for (const pipe of reach.pipes) {
    const value = reachValue(pipe, by);
    const shade = value === null || range === null ? { level: 1, width_px: FINE_PX, dashed: true } : { level: logPlace(value, range), width_px: FINE_PX };
    shades.set(keyOf("pipe", within(network, pipe.id)), shade);
  }
  const marks = helpful(reach).map((sensor, k): Mark => ({
    id: `sensor-${k}`,
    of: { type: "node", id: within(network, sensor.node) },
    point_m: sensor.point_m ?? null,
    text: `+${k + 1}`,
    tone: "sensor",
  }));
  return { ramp: "reach", shades, marks, devices: [] };
}

/** The overlay of a lens; none where its leak is gone. */
export function overlayOf(lens: Lens, leaks: readonly Leak[]): Overlay | null {
  switch (lens.kind) {
    case "leak": {
      const leak = leaks.find((l) => l.id === lens.leak);
      return leak === undefined || leak.candidates.length === 0 ? null : leakOverlay(leak);
    }
    case "plan":
      return planOverlay(lens.network, lens.plan);
    case "trace":
      return traceOverlay(lens.network, lens.from, lens.trace);
    case "reach":
      return reachOverlay(lens.network, lens.reach, lens.by);
  }
}
