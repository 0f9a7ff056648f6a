/**
 * Leaves out what is outside the view, instance by instance.
 *
 * For machines that draw with the processor, where every vertex costs; a graphics card does not notice, and its
 * shadows need what stands beside the view as well.
 */

import * as THREE from "three";
import type { Part } from "./glb";

interface Culled {
  count: number;
  centres: Float32Array;
  radii: Float32Array;
  drawn: Uint8Array;
  /** Draw exactly these. */
  draw(numbers: number[]): void;
}

export class Culling {
  private readonly parts: Culled[] = [];
  private readonly frustum = new THREE.Frustum();
  private readonly sphere = new THREE.Sphere();
  private readonly matrix = new THREE.Matrix4();

  /** Cull a part's placings; `draw` writes those that are left to its buffers. */
  add(part: Part, matrix: (k: number) => THREE.Matrix4, draw: (numbers: number[]) => void): void {
    const count = part.placings!.count;
    const box = new THREE.Box3().setFromArray(part.geometry.positions);
    const ball = box.getBoundingSphere(new THREE.Sphere());
    const culled: Culled = {
      count,
      centres: new Float32Array(count * 3),
      radii: new Float32Array(count),
      drawn: new Uint8Array(count).fill(1),
      draw,
    };
    for (let k = 0; k < count; k++) {
      const moved = ball.clone().applyMatrix4(matrix(k));
      moved.center.toArray(culled.centres, k * 3);
      culled.radii[k] = moved.radius;
    }
    this.parts.push(culled);
  }

  /** Draw what a camera sees. */
  update(camera: THREE.Camera): void {
    this.frustum.setFromProjectionMatrix(this.matrix.multiplyMatrices(camera.projectionMatrix, camera.matrixWorldInverse));
    for (const part of this.parts) {
      let changed = false;
      for (let k = 0; k < part.count; k++) {
        this.sphere.center.fromArray(part.centres, k * 3);
        this.sphere.radius = part.radii[k]!;
        const drawn = this.frustum.intersectsSphere(this.sphere) ? 1 : 0;
        if (part.drawn[k] !== drawn) {
          part.drawn[k] = drawn;
          changed = true;
        }
      }
      if (!changed) continue;
      const left: number[] = [];
      for (let k = 0; k < part.count; k++) if (part.drawn[k] === 1) left.push(k);
      part.draw(left);
    }
  }
}
