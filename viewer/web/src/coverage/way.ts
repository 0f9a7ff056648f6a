/** Who sees somebody along a way: its points are clicked on the 3D view or the map while that is switched on. */

import { batch, computed, effect, signal, untracked, type ReadonlySignal, type Signal } from "@preact/signals";
import { api } from "../api";
import { store } from "../store";
import type { Point3 } from "../types";
import { errorText } from "../ui/load";
import * as sightings from "./sightings";
import * as coverage from "./state";
import type { Followed } from "./types";

/** As people stroll. */
export const WALK_M_PER_S = 1.2;
/** The least that counts where the edition has no such level. */
const DETECT_PX_PER_M = 25;

/** Whether a click adds to the way. */
export const drawing = signal(false);
export const points: Signal<readonly Point3[]> = signal([]);
/** The level a camera must reach to count as following. */
export const level: Signal<string | null> = signal(null);
export const followed: Signal<Followed | null> = signal(null);
export const failed: Signal<string | null> = signal(null);
/** Where along the way the list is, to be shown; from and to. [m] */
export const stretch: Signal<Stretch | null> = signal(null);

/** Part of a way that one camera can follow; none where nobody sees it. */
export interface Stretch {
  from_m: number;
  to_m: number;
  camera: string | null;
  /** The fewest cameras that see any piece of it. */
  fewest: number;
  points: readonly Point3[];
}

export const stretches: ReadonlySignal<readonly Stretch[]> = computed(() => (followed.value === null ? [] : parts(followed.value)));

export const levels = computed(() => coverage.answer.value?.levels[coverage.edition.value] ?? []);
export const least_px_per_m: ReadonlySignal<number> = computed(() => {
  const wanted = levels.value.find((one) => one.id === level.value) ?? levels.value.find((one) => one.density_px_per_m >= DETECT_PX_PER_M);
  return wanted?.density_px_per_m ?? DETECT_PX_PER_M;
});

/** The way with the fewest changes of camera: each is kept as long as it sees, then the one that will see longest takes over. */
export function parts({ pieces }: Followed): Stretch[] {
  const found: Stretch[] = [];
  let at_m = 0;
  pieces.forEach((piece, k) => {
    const last = found.at(-1);
    const to_m = at_m + piece.length_m;
    const fewest = piece.cameras.length;
    const goesOn = last !== undefined && (last.camera === null ? fewest === 0 : piece.cameras.includes(last.camera));
    if (goesOn) {
      found[found.length - 1] = { ...last, to_m, fewest: Math.min(last.fewest, fewest), points: [...last.points, piece.point_m] };
    } else {
      found.push({ from_m: at_m, to_m, camera: longest(pieces, k), fewest, points: [piece.point_m] });
    }
    at_m = to_m;
  });
  return found;
}

/** Of the cameras that see a piece the one that sees most pieces from there on; of equals the best. */
function longest(pieces: Followed["pieces"], from: number): string | null {
  const rest = pieces.slice(from);
  const runs = (rest[0]?.cameras ?? []).map((camera) => {
    const end = rest.findIndex((piece) => !piece.cameras.includes(camera));
    return { camera, run: end < 0 ? rest.length : end };
  });
  return runs.reduce((most, one) => (one.run > most.run ? one : most), { camera: null as string | null, run: 0 }).camera;
}

let newest = 0;

async function ask(): Promise<void> {
  const mine = ++newest;
  const way = points.peek();
  if (way.length < 2) {
    followed.value = null;
    return;
  }
  try {
    const found = await api.followWay(way, least_px_per_m.peek(), coverage.question(false));
    if (mine === newest) batch(() => ((followed.value = found), (failed.value = null)));
  } catch (error) {
    if (mine === newest) failed.value = errorText(error);
  }
}

// the way, the level, the variant at hand or the answer now is another
effect(() => {
  void [points.value, least_px_per_m.value, coverage.whatIf.value, coverage.answer.value];
  untracked(() => void ask());
});

export function start(): void {
  sightings.stop();
  batch(() => {
    drawing.value = true;
    store.detailTab.value = "coverage";
  });
}

/** Add a point of the floor or the ground. */
export function add(point_m: Point3): void {
  points.value = [...points.peek(), point_m];
}

export function dropLast(): void {
  points.value = points.peek().slice(0, -1);
}

export function stop(): void {
  newest++;
  batch(() => {
    drawing.value = false;
    points.value = [];
    followed.value = failed.value = stretch.value = null;
  });
}

export function lookAt(part: Stretch): void {
  const middle = part.points[Math.floor(part.points.length / 2)];
  if (middle === undefined) return;
  batch(() => {
    stretch.value = part;
    store.flyTo(middle, Math.max(8, (part.to_m - part.from_m) / 2));
    store.uncover();
  });
}
