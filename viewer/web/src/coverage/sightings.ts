/** Who sees a point: asked by a click on the 3D view or the map while that is switched on. */

import { batch, effect, signal, untracked, type Signal } from "@preact/signals";
import { api } from "../api";
import { store } from "../store";
import type { Point3 } from "../types";
import { errorText } from "../ui/load";
import * as coverage from "./state";
import type { Sighting } from "./types";

/** A face, as high as requirements have it where they say nothing. */
export const HEIGHT_M = 1.6;

/** Whether a click asks who sees there. */
export const asking = signal(false);
export const asked: Signal<Point3 | null> = signal(null);
export const sightings: Signal<readonly Sighting[] | null> = signal(null);
export const failed: Signal<string | null> = signal(null);

let newest = 0;

/** Ask about somebody who stands at a point of the floor or the ground. */
export async function ask(standing_m: Point3): Promise<void> {
  const mine = ++newest;
  const [x, y, z] = standing_m;
  const face: Point3 = [x, y, z + HEIGHT_M];
  batch(() => {
    if (asked.peek()?.join() !== face.join()) sightings.value = null;
    asked.value = face;
    failed.value = null;
    store.detailTab.value = "coverage";
  });
  try {
    const { cameras } = await api.whoSees(face, coverage.question(false));
    if (mine === newest) sightings.value = cameras;
  } catch (error) {
    if (mine === newest) failed.value = errorText(error);
  }
}

// the variant at hand is another, or the answer now: who sees the point may be others
effect(() => {
  void [coverage.whatIf.value, coverage.answer.value];
  untracked(() => {
    const face = asked.value;
    if (face !== null) void ask([face[0], face[1], face[2] - HEIGHT_M]);
  });
});

export function stop(): void {
  newest++;
  batch(() => {
    asking.value = false;
    asked.value = sightings.value = failed.value = null;
  });
}
