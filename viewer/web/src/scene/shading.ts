/** What lies over the estate, drawn: pipes from a ramp of colours, flats as volumes, signs at places. */

import * as THREE from "three";
import { RAMPS, type Overlay } from "../overlay";
import type { ObjectType } from "../types";
import { toThree, type Estate } from "./estate";
import type { Label } from "./labels";
import { onRamp, paintRamp } from "./materials";
import { Volumes, type Volume } from "./volumes";

/** Over the name of what is selected: the sign says more. */
const MARKS_RANK = 9500;
const CEILING_M = 2.6;

export class Shading {
  readonly volumes = new Volumes();
  private overlay: Overlay | null = null;

  constructor(private readonly estate: Estate) {}

  get shown(): Overlay | null {
    return this.overlay;
  }

  /** Show an overlay, or none; `colour` reads a token of the page. */
  set(overlay: Overlay | null, colour: (token: string) => THREE.Color): void {
    this.overlay = overlay;
    const { objects, uniforms } = this.estate;
    objects.clearShades();
    uniforms.uShading.value = overlay === null ? 0 : 1;
    const volumes: Volume[] = [];
    if (overlay !== null) {
      const ramp = RAMPS[overlay.ramp].map((name) => colour(`--${name}`));
      paintRamp(uniforms.uRamp.value as THREE.DataTexture, ramp);
      for (const [key, shade] of overlay.shades) {
        const [type, id] = split(key);
        objects.shade(objects.row(type, id), shade);
        const box = type === "space" ? this.estate.box({ type, id }) : null;
        if (box !== null) volumes.push({ box: asRoom(box), colour: onRamp(ramp, shade.level) });
      }
    }
    this.volumes.set(volumes, colour("--ink"));
  }

  labels(): Label[] {
    return (this.overlay?.marks ?? []).flatMap((mark, k): Label[] => {
      const box = this.estate.box(mark.of);
      const point = mark.point_m !== null ? toThree(mark.point_m) : box?.getCenter(new THREE.Vector3());
      if (point === undefined) return [];
      return [{ key: `m:${mark.id}`, text: mark.text, point, kind: `mark-${mark.tone}`, rank: MARKS_RANK - k }];
    });
  }

  dispose(): void {
    this.volumes.dispose();
  }
}

/** A room is known by its floor; as a volume it has a ceiling. */
function asRoom(floor: THREE.Box3): THREE.Box3 {
  const box = floor.clone();
  box.max.y = Math.max(box.max.y, box.min.y + CEILING_M);
  return box;
}

function split(key: string): [ObjectType, string] {
  const at = key.indexOf(":");
  return [key.slice(0, at) as ObjectType, key.slice(at + 1)];
}
