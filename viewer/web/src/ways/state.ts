/** The way that is asked for on the pages: from where, to what, for whom; and what came of it. */

import { batch, effect, signal, untracked, type Signal } from "@preact/signals";
import { api } from "../api";
import { store } from "../store";
import type { NearestRoute, ObjectRef, Route } from "../types";
import { errorText } from "../ui/load";

/** Who goes, as the server's profiles have it. */
export const PROFILES = ["crew", "resident", "wheelchair", "pushchair", "maintenance", "patrol", "fire_crew", "car"] as const;
/** Kinds of things whose nearest is asked for; the site may not have all. */
export const NEAREST = ["extinguisher", "aed", "hydrant", "call-button", "crew", "parking_space"] as const;

export interface Wish {
  /** Where it leads: the place whose card asks. */
  place: ObjectRef;
  /** The nearest of a kind from the place, instead of the way to it. */
  nearest: string | null;
}

export const wish: Signal<Wish | null> = signal(null);
/** Where ways begin; none is the gate that is soonest there. */
export const start: Signal<{ ref: ObjectRef; name: string } | null> = signal(null);
export const profile: Signal<string> = signal("crew");
export const found: Signal<Route | null> = signal(null);
export const near: Signal<NearestRoute | null> = signal(null);
export const failed: Signal<string | null> = signal(null);
/** The storey that was chosen among those of the way, to be shown; null is outdoors. */
export const storey: Signal<{ id: string | null } | null> = signal(null);

let newest = 0;

async function ask(): Promise<void> {
  const mine = ++newest;
  const now = wish.peek();
  batch(() => ((found.value = near.value = failed.value = null), (storey.value = null)));
  if (now === null) return;
  const { place, nearest } = now;
  try {
    // crew are asked who is here soonest; things, which is reached soonest
    const answer = nearest === null ? null : await api.nearest(place.id, nearest, profile.peek(), nearest === "crew");
    const route = answer === null ? await api.route(start.peek()?.ref.id ?? "", place.id, undefined, profile.peek()) : answer.way;
    if (mine === newest) batch(() => ((found.value = route), (near.value = answer)));
  } catch (error) {
    if (mine === newest) failed.value = errorText(error);
  }
}

// with nothing selected there is no card to take the way back on
effect(() => {
  if (store.selection.value === null) wish.value = null;
});

effect(() => {
  void [wish.value, start.value, profile.value];
  untracked(() => void ask());
});
