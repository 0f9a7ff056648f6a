/** Which colour a cell has: by level, by number of cameras, or by what a variant changes. */

import { cellValue, OUTSIDE } from "./cells";
import type { Answer, Place, Scale } from "./types";

export type By = "level" | "count" | "change";

/** The tokens of each scale, from none on. */
export const LEVEL_TOKENS = ["cover-none", "cover-1", "cover-2", "cover-3", "cover-4", "cover-5", "cover-6"] as const;
export const COUNT_TOKENS = ["cover-none", "cover-1", "cover-3", "cover-5"] as const;
export const CHANGE_TOKENS = ["cover-lost", "cover-same", "cover-gained", "cover-none"] as const;
export const MET_TOKENS = ["cover-none", "cover-short", "cover-met"] as const;
export type Token = (typeof LEVEL_TOKENS)[number] | (typeof CHANGE_TOKENS)[number] | (typeof MET_TOKENS)[number];

const LEAST_RATIO = 1e-9;

/** How many steps a value reaches, 0 for none. */
export function levelOf(value: number, { steps, better }: Scale): number {
  let reached = 0;
  const slack = (step: number): number => Math.abs(step) * LEAST_RATIO;
  for (const step of steps) if (better === "more" ? value >= step - slack(step) : value <= step + slack(step)) reached++;
  return reached;
}

/** The steps of an answer: its own, or the levels of an edition for cameras. */
export function scaleOf(answer: Answer | null, edition: string): Scale {
  return answer?.scale ?? { unit: "px_per_m", better: "more", steps: (answer?.levels[edition] ?? []).map((level) => level.density_px_per_m) };
}

/** The token of a cell; null outside of the place. `before` is the same place without the variant. */
export function cellToken(place: Place, cell: number, by: By, scale: Scale, before: Place | undefined): Token | null {
  if (place.values[cell] === OUTSIDE) return null;
  const count = place.counts[cell]!;
  if (by === "count") return COUNT_TOKENS[Math.min(count, COUNT_TOKENS.length - 1)]!;
  if (by === "change" && before !== undefined) {
    const [was, is] = [before.counts[cell]! >= place.min_count, count >= place.min_count];
    return was === is ? (is ? "cover-same" : "cover-none") : is ? "cover-gained" : "cover-lost";
  }
  const value = cellValue(place, cell)!;
  if (scale.steps.length === 0) return count >= place.min_count ? "cover-met" : value > 0 ? "cover-short" : "cover-none";
  return LEVEL_TOKENS[Math.min(levelOf(value, scale), LEVEL_TOKENS.length - 1)]!;
}

/** (rows × columns × 4) colours of a place's cells, rows from south to north; outside is clear. */
export function paintCells(
  place: Place, by: By, scale: Scale, colour: (token: Token) => readonly [number, number, number, number], before?: Place,
): Uint8Array<ArrayBuffer> {
  const pixels = new Uint8Array(new ArrayBuffer(place.values.length * 4));
  for (let cell = 0; cell < place.values.length; cell++) {
    const token = cellToken(place, cell, by, scale, before);
    if (token !== null) pixels.set(colour(token), cell * 4);
  }
  return pixels;
}
