/**
 * What the planner's workspace knows: the answer now, the variant somebody is at, and how it is shown.
 *
 * While a camera is dragged, one question is under way at a time and only the latest wish follows it.
 */

import { batch, computed, effect, signal, untracked, type ReadonlySignal, type Signal } from "@preact/signals";
import { api } from "../api";
import { keep as keepWords, kept as keptWords } from "../preferences";
import { store } from "../store";
import { errorText } from "../ui/load";
import type { By } from "./colours";
import type { Answer, Camera, CameraChange, Place, Question, WhatIf } from "./types";

/** Gaps and their reasons take longer than all the rest: they are asked for when the hand rests. */
const REST_MS = 350;

export type Loaded = "idle" | "loading" | "ready" | { error: string };
export interface Variant {
  name: string;
  devices: CameraChange[];
  without: string[];
}
const EMPTY: Variant = { name: "", devices: [], without: [] };

export const answer: Signal<Answer | null> = signal(null);
/** What reaches out: cameras, or detectors, loudspeakers and so on. */
export const kind = signal("camera");
export const loaded: Signal<Loaded> = signal("idle");
/** Whether coverage lies over the estate. */
export const shown = signal(false);
export const by: Signal<By> = signal("level");
/** The edition whose levels colour the floors. */
export const edition = signal("2015");
/** The place whose gaps are open, by its key. */
export const openPlace: Signal<string | null> = signal(null);
export const variant: Signal<Variant> = signal(EMPTY);
/** What the variant changes; null while it changes nothing. */
export const whatIf: Signal<WhatIf | null> = signal(null);
export const failed: Signal<string | null> = signal(null);
export const busy = signal(false);
/** Variants that were kept, by site, in this browser. */
export const kept: Signal<readonly Variant[]> = signal([]);

export const isChanged: ReadonlySignal<boolean> = computed(() => variant.value.devices.length > 0 || variant.value.without.length > 0);

/** All places as the variant has them. */
export const places: ReadonlySignal<readonly Place[]> = computed(() => {
  const changed = new Map((whatIf.value?.places ?? []).map((place) => [place.key, place]));
  return (answer.value?.places ?? []).map((place) => changed.get(place.key) ?? place);
});
export const before: ReadonlySignal<ReadonlyMap<string, Place>> = computed(() => new Map((answer.value?.places ?? []).map((place) => [place.key, place])));
export const cameras: ReadonlySignal<ReadonlyMap<string, Camera>> = computed(() => {
  const all = new Map((answer.value?.cameras ?? []).map((camera) => [camera.id, camera]));
  for (const camera of whatIf.value?.cameras ?? []) all.set(camera.id, camera);
  return all;
});
/** The camera that is chosen on the page. */
export const chosen: ReadonlySignal<Camera | null> = computed(() => {
  const selection = store.selection.value;
  return selection?.type === "device" ? (cameras.value.get(selection.id) ?? null) : null;
});

/** The gap that is chosen, by its place in the open place's list. */
export const openGap: Signal<number | null> = signal(null);
export const openedPlace: ReadonlySignal<Place | undefined> = computed(() => places.value.find((place) => place.key === openPlace.value));

/** The floor a camera looks at: of its storey, or the ground. [m] */
export function floorOf(camera: Camera): number {
  const index = store.index.peek();
  const position = index?.position.get(camera.id);
  const storey = position === undefined ? null : (index!.devices.storey[position] ?? null);
  const elevation = storey === null ? undefined : index!.storey.get(storey)?.elevation_m;
  return elevation ?? Math.min(0, camera.position_m[2]);
}

/** Lay coverage over the estate; reckon it where that is not done yet. */
export function open(): void {
  shown.value = true;
  if (loaded.peek() === "idle" || typeof loaded.peek() === "object") void load();
}

/** Take it off; the variant stays. */
export function close(): void {
  batch(() => {
    shown.value = false;
    openPlace.value = openGap.value = null;
  });
}

/** Open a place: alone where it is indoors, since walls and floors hide it. */
export function openAt(place: Place): void {
  batch(() => {
    openPlace.value = place.key;
    openGap.value = null;
    if (place.storey !== null) store.isolate({ storey: place.storey });
    else if (store.isolation.peek() !== null) store.isolate(null);
    const { corner_m, step_m, rows, columns, elevation_m } = place.grid;
    const [width, depth] = [columns * step_m, rows * step_m];
    store.flyTo([corner_m[0] + width / 2, corner_m[1] + depth / 2, elevation_m], Math.max(6, Math.hypot(width, depth) / 2));
    store.uncover();
  });
}

export function closePlace(): void {
  openPlace.value = openGap.value = null;
}

export function lookAtGap(place: Place, k: number): void {
  const gap = place.gaps[k];
  const ring = gap === undefined ? [] : gap.area.type === "Polygon" ? gap.area.coordinates[0]! : gap.area.type === "MultiPolygon" ? gap.area.coordinates[0]![0]! : [];
  if (gap === undefined || ring.length === 0) return;
  const [xs, ys] = [ring.map((p) => p[0]!), ring.map((p) => p[1]!)];
  const [west, east, south, north] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  batch(() => {
    openGap.value = k;
    store.flyTo([(west + east) / 2, (south + north) / 2, gap.elevation_m], Math.max(5, Math.hypot(east - west, north - south)));
    store.uncover();
  });
}

export function lookAtDevice(id: string): void {
  batch(() => {
    store.select({ type: "device", id });
    const index = store.index.peek();
    const position = index?.position.get(id);
    const storey = position === undefined ? null : (index!.devices.storey[position] ?? null);
    store.isolate(storey === null ? null : { storey });
    if (position !== undefined) store.flyTo(index!.point(position), 14);
  });
}

effect(() => {
  const ids = shown.value && answer.value !== null ? new Set(answer.value.devices) : null;
  untracked(() => (store.devicesBeside.value = ids));
});
// a requirement that is lost or kept again: the answer is another
let told = "";
effect(() => {
  const now = [...store.alarms.value.values()].filter((alarm) => alarm.rule.startsWith("coverage:")).map((alarm) => `${alarm.id}${alarm.state}`).join();
  if (now === told) return;
  told = now;
  if (untracked(() => loaded.value === "ready")) void load();
});

let loading = 0;

export async function load(): Promise<void> {
  const mine = ++loading;
  if (answer.peek() === null) loaded.value = "loading";
  try {
    const found = await api.coverage(kind.peek());
    if (mine !== loading) return;
    batch(() => {
      answer.value = found;
      loaded.value = "ready";
      kept.value = readKept();
      if (!(edition.peek() in found.levels)) edition.value = Object.keys(found.levels)[0] ?? "";
    });
    if (isChanged.peek() && found.kind === "camera") ask();
  } catch (error) {
    if (mine === loading) loaded.value = { error: errorText(error) };
  }
}

/** Ask for another kind; what a variant changes are cameras, so that it waits meanwhile. */
export function choose(wanted: string): void {
  if (wanted === kind.peek()) return;
  batch(() => {
    kind.value = wanted;
    answer.value = null;
    whatIf.value = null;
    openPlace.value = openGap.value = null;
    by.value = "level";
  });
  void load();
}

/** A camera as the variant has it. */
export function changeOf(id: string): CameraChange | undefined {
  return variant.value.devices.find((device) => device.id === id);
}

/** Steps closer together than this, of the same camera, are one: a drag is undone at once. */
const STEP_MS = 800;
const past: Signal<readonly Variant[]> = signal([]);
const future: Signal<readonly Variant[]> = signal([]);
export const canStepBack: ReadonlySignal<boolean> = computed(() => past.value.length > 0);
export const canStepForward: ReadonlySignal<boolean> = computed(() => future.value.length > 0);
let stepped = { what: "", at_ms: -Infinity };

/** Take a variant, and remember the one before; `what` joins the steps of one drag. */
function take(next: Variant, what = ""): void {
  const now_ms = performance.now();
  const joins = what !== "" && what === stepped.what && now_ms - stepped.at_ms < STEP_MS;
  stepped = { what, at_ms: now_ms };
  batch(() => {
    if (!joins) past.value = [...past.peek(), variant.peek()];
    future.value = [];
    variant.value = next;
  });
  ask();
}

export function stepBack(): void {
  const last = past.peek().at(-1);
  if (last === undefined) return;
  stepped = { what: "", at_ms: -Infinity };
  batch(() => {
    past.value = past.peek().slice(0, -1);
    future.value = [...future.peek(), variant.peek()];
    variant.value = last;
  });
  ask();
}

export function stepForward(): void {
  const next = future.peek().at(-1);
  if (next === undefined) return;
  stepped = { what: "", at_ms: -Infinity };
  batch(() => {
    future.value = future.peek().slice(0, -1);
    past.value = [...past.peek(), variant.peek()];
    variant.value = next;
  });
  ask();
}

/** Change a camera, and ask what that would cover. */
export function change(id: string, changes: Omit<CameraChange, "id">): void {
  const now = variant.peek();
  const known = now.devices.find((device) => device.id === id);
  const next: CameraChange = { ...(known ?? { id }), ...changes };
  take({ ...now, devices: known === undefined ? [...now.devices, next] : now.devices.map((d) => (d === known ? next : d)) }, `${id} ${Object.keys(changes).join()}`);
}

/** Let a camera count as down, or up again. */
export function toggleDown(id: string): void {
  const now = variant.peek();
  const without = now.without.includes(id) ? now.without.filter((one) => one !== id) : [...now.without, id];
  take({ ...now, without });
}

/** As it was: one camera, or all of the variant. */
export function undo(id?: string): void {
  const now = variant.peek();
  take(id === undefined ? EMPTY : { ...now, devices: now.devices.filter((d) => d.id !== id), without: now.without.filter((d) => d !== id) });
}

export function use(wanted: Variant): void {
  take(wanted);
}

export function keep(name: string): void {
  kept.value = [...kept.peek().filter((one) => one.name !== name), { ...variant.peek(), name }];
  variant.value = { ...variant.peek(), name };
  writeKept();
}

export function forget(name: string): void {
  kept.value = kept.peek().filter((one) => one.name !== name);
  writeKept();
}

export function question(explain: boolean): Question {
  const { devices, without } = variant.peek();
  return { devices, without, explain };
}

let underWay = false;
/** The wish that waits behind the question under way, and whether it asks for gaps too. */
let waiting: { explain: boolean } | null = null;
let rest = 0;

/** Ask what the variant covers; while an answer is awaited, only the latest wish waits behind it. */
export function ask(): void {
  clearTimeout(rest);
  if (!isChanged.peek() || kind.peek() !== "camera") {
    waiting = null;
    batch(() => {
      whatIf.value = null;
      failed.value = null;
    });
    return;
  }
  rest = window.setTimeout(() => void send(true), REST_MS);
  void send(false);
}

async function send(explain: boolean): Promise<void> {
  if (underWay) {
    waiting = { explain: explain || (waiting?.explain ?? false) };
    return;
  }
  underWay = busy.value = true;
  const asked = variant.peek();
  try {
    const found = await api.whatIf(question(explain));
    // an answer to an older wish still is the newest there is, but not after the wish was withdrawn
    if (isChanged.peek() && kind.peek() === "camera") {
      batch(() => {
        whatIf.value = found;
        failed.value = null;
      });
    }
  } catch (error) {
    if (variant.peek() === asked) failed.value = errorText(error);
  }
  underWay = busy.value = false;
  const next = waiting;
  waiting = null;
  if (next !== null && isChanged.peek()) void send(next.explain);
}

const shelf = (): string => `plumbline.coverage.${store.site.peek()?.id ?? ""}`;

function readKept(): Variant[] {
  try {
    const found: unknown = JSON.parse(keptWords(shelf()) ?? "[]");
    return Array.isArray(found) ? (found as Variant[]).filter((one) => typeof one.name === "string" && Array.isArray(one.devices) && Array.isArray(one.without)) : [];
  } catch {
    return []; // somebody else's words under our name: as if nothing had been kept
  }
}

function writeKept(): void {
  keepWords(shelf(), JSON.stringify(kept.peek()));
}
