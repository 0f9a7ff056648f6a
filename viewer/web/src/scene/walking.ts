/** A step on foot: as far as walls let one, along them where they stand aslant. */

import * as THREE from "three";

/** How near one comes to a wall, and half how wide one is. [m] */
export const BODY_M = 0.25;
/** Heights over the feet at which one meets things: over a stair's next steps, and at the chest. [m] */
const HEIGHTS_M = [0.62, 1.3];

export interface Obstacle {
  distance_m: number;
  /** Of the face that stands in the way. */
  normal: THREE.Vector3;
}

/** The nearest thing in the way along a ray, within a distance. */
export type Meet = (ray: THREE.Ray, within_m: number) => Obstacle | null;

/**
 * How far one gets of a level step.
 *
 * What of the step goes into a wall is taken from it, twice at most: once for a wall, once more for the corner it
 * ends in. A corner that leaves no way stops.
 */
export function stepBy(feet: THREE.Vector3, step: THREE.Vector3, meet: Meet): THREE.Vector3 {
  const wish = step.clone().setY(0);
  for (let turn = 0; turn < 3; turn++) {
    if (wish.length() < 1e-6) break;
    const wall = nearest(feet, wish, meet);
    if (wall === null) return wish;
    const level = wall.normal.clone().setY(0);
    if (level.length() < 1e-3) break; // a slope or a slab at the chest: nothing to go along
    wish.addScaledVector(level.normalize(), -wish.dot(level));
    // going along a wall must not lead back
    if (wish.dot(step) <= 0) break;
  }
  return new THREE.Vector3();
}

function nearest(feet: THREE.Vector3, step: THREE.Vector3, meet: Meet): Obstacle | null {
  const ahead = step.clone().normalize();
  const aside = new THREE.Vector3(-ahead.z, 0, ahead.x);
  let best: Obstacle | null = null;
  let within_m = step.length() + BODY_M;
  for (const height_m of HEIGHTS_M) {
    // shoulders a little narrower than the body, so that going along a wall does not graze it
    for (const side of [0, 0.8, -0.8]) {
      const from = feet.clone().addScaledVector(aside, side * BODY_M);
      from.y += height_m;
      const met = meet(new THREE.Ray(from, ahead), within_m);
      if (met !== null) [best, within_m] = [met, met.distance_m];
    }
  }
  return best;
}
