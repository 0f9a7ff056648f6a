/** The evacuation somebody looks at: what is asked, the answer, and the moment of it that is shown. */

import { batch, computed, effect, signal, untracked, type ReadonlySignal, type Signal } from "@preact/signals";
import { api } from "../api";
import { store } from "../store";
import { errorText } from "../ui/load";
import type { Evacuation, EvacuationQuestion } from "./types";

/** So much faster than life a played evacuation goes. */
export const PLAY_RATIO = 20;
/** Enough runs to tell how sure times are, few enough to wait for. */
const RUNS = 50;

export const time: Signal<"night" | "day"> = signal("night");
/** The space that burns. */
export const fire: Signal<string | null> = signal(null);
/** What is closed, and from when on. [s] */
export const closed: Signal<readonly Closed[]> = signal([]);
/** Storeys that are crowded. */
export const full: Signal<readonly string[]> = signal([]);
/** So much later than the storey that burns and its neighbours the others are told. [s] */
export const othersLater_s = signal(0);
/** Whether fans keep stairs free of smoke; and whether the fire crew brings people down by lift. */
export const fans = signal(true);
export const byLift = signal(false);
/** Whether runs by chance are wanted as well. */
export const isSure = signal(false);

export const answer: Signal<Evacuation | null> = signal(null);
export const failed: Signal<string | null> = signal(null);
export const busy = signal(false);
/** The moment that is shown. [s] */
export const at_s = signal(0);
export const playing = signal(false);

/** Whether ways out lie over the estate: while their tab is open. */
export const shown: ReadonlySignal<boolean> = computed(() => store.detailTab.value === "evacuation" && answer.value !== null);
export const end_s: ReadonlySignal<number> = computed(() => answer.value?.timeline.times_s.at(-1) ?? 0);

/** What a row of numbers at the timeline's times is at the moment that is shown. */
export function now(row: readonly number[] | undefined, times_s: readonly number[], moment_s: number): number {
  if (row === undefined || row.length === 0) return 0;
  const after = times_s.findIndex((time_s) => time_s >= moment_s);
  if (after < 0) return row.at(-1)!;
  if (after === 0) return row[0]!;
  const [a, b] = [times_s[after - 1]!, times_s[after]!];
  const part = (moment_s - a) / (b - a);
  return row[after - 1]! * (1 - part) + row[after]! * part;
}

export interface Closed {
  id: string;
  from_s: number;
}

function question(): EvacuationQuestion {
  const burns = fire.peek();
  const shut = closed.peek();
  return {
    time: time.peek(),
    fire: burns,
    closed: shut.filter((one) => one.from_s === 0).map((one) => one.id),
    closings: Object.fromEntries(shut.filter((one) => one.from_s > 0).map((one) => [one.id, one.from_s])),
    full: Object.fromEntries(full.peek().map((id) => [id, null])),
    smoke: burns !== null,
    fans: fans.peek(),
    others_later_s: burns === null ? 0 : othersLater_s.peek(),
    lifts: burns !== null && byLift.peek() ? (answer.peek()?.fire?.lifts ?? []) : [],
    runs: isSure.peek() ? RUNS : 0,
  };
}

/** How dark smoke is drawn: half where one sees three metres. */
export function darkness(extinction_per_m: number): number {
  return 0.75 * (1 - Math.exp(-1.1 * extinction_per_m));
}

let newest = 0;

export async function ask(): Promise<void> {
  const mine = ++newest;
  batch(() => ((busy.value = true), (failed.value = null)));
  try {
    const found = await api.evacuation(question());
    if (mine !== newest) return;
    batch(() => {
      answer.value = found;
      at_s.value = Math.min(at_s.peek(), found.timeline.times_s.at(-1) ?? 0);
    });
  } catch (error) {
    if (mine === newest) failed.value = errorText(error);
  } finally {
    if (mine === newest) busy.value = false;
  }
}

/** Ask as soon as the tab is open, and again when what is asked has changed. */
effect(() => {
  void [time.value, fire.value, closed.value, isSure.value, full.value, othersLater_s.value, fans.value, byLift.value];
  if (store.detailTab.value === "evacuation") untracked(() => void ask());
  else playing.value = false;
});

export function toggleClosed(id: string): void {
  const were = closed.peek();
  closed.value = were.some((one) => one.id === id) ? were.filter((one) => one.id !== id) : [...were, { id, from_s: 0 }];
}

export function closeFrom(id: string, from_s: number): void {
  closed.value = closed.peek().map((one) => (one.id === id ? { id, from_s } : one));
}

let frame = 0;
let before_ms = 0;

function advance(now_ms: number): void {
  const passed_s = before_ms === 0 ? 0 : Math.min(0.25, (now_ms - before_ms) / 1000);
  before_ms = now_ms;
  const next_s = at_s.peek() + passed_s * PLAY_RATIO;
  batch(() => {
    at_s.value = Math.min(next_s, end_s.peek());
    if (next_s >= end_s.peek()) playing.value = false;
  });
  if (playing.peek()) frame = requestAnimationFrame(advance);
}

effect(() => {
  if (playing.value) {
    before_ms = 0;
    untracked(() => {
      if (at_s.peek() >= end_s.peek()) at_s.value = 0;
    });
    frame = requestAnimationFrame(advance);
  } else if (frame !== 0) {
    cancelAnimationFrame(frame);
    frame = 0;
  }
});
