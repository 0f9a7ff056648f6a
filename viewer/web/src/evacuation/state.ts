/** The evacuation somebody looks at: what is asked, the answer, and the moment of it that is shown. */

import { batch, computed, effect, signal, untracked, type ReadonlySignal, type Signal } from "@preact/signals";
import { api } from "../api";
import { store } from "../store";
import { errorText } from "../ui/load";
import type { Evacuation } from "./types";

/** So much faster than life a played evacuation goes. */
export const PLAY_RATIO = 20;
/** Enough runs to tell how sure times are, few enough to wait for. */
const RUNS = 50;

export const time: Signal<"night" | "day"> = signal("night");
/** The space that burns. */
export const fire: Signal<string | null> = signal(null);
export const closed: Signal<readonly string[]> = signal([]);
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

let newest = 0;

export async function ask(): Promise<void> {
  const mine = ++newest;
  batch(() => ((busy.value = true), (failed.value = null)));
  try {
    const found = await api.evacuation({ time: time.peek(), fire: fire.peek(), closed: closed.peek(), runs: isSure.peek() ? RUNS : 0 });
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
  void [time.value, fire.value, closed.value, isSure.value];
  if (store.detailTab.value === "evacuation") untracked(() => void ask());
  else playing.value = false;
});

export function toggleClosed(id: string): void {
  const were = closed.peek();
  closed.value = were.includes(id) ? were.filter((one) => one !== id) : [...were, id];
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
