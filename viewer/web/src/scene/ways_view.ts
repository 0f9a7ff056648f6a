/** The way that is asked for, drawn through the estate: seen through walls, from where one starts to where one arrives. */

import { effect } from "@preact/signals";
import * as THREE from "three";
import type { Point3 } from "../types";
import * as ways from "../ways/state";
import { toThree } from "./estate";

/** Above the floor, so that the line does not lie in it. */
const HEIGHT_M = 0.4;
const RADIUS_M = 0.3;
const SIDES = 6;
const END_M = 0.8;

interface Parts {
  scene: THREE.Scene;
  ask: () => void;
  colour: (name: string) => THREE.Color;
}

export interface WaysView {
  /** The page's colours have changed. */
  paint(): void;
  dispose(): void;
}

export function watchWays({ scene, ask, colour }: Parts): WaysView {
  const root = new THREE.Group();
  scene.add(root);
  const draw = (): void => {
    clear(root);
    const legs = ways.found.value?.legs ?? [];
    const ink = (): THREE.MeshBasicMaterial => new THREE.MeshBasicMaterial({ color: colour("--accent"), depthTest: false, transparent: true, opacity: 0.9 });
    for (const leg of legs) {
      for (let k = 1; k < leg.line_m.length; k++) {
        const [from, to] = [toThree(raised(leg.line_m[k - 1]!)), toThree(raised(leg.line_m[k]!))];
        if (from.distanceTo(to) < RADIUS_M / 10) continue;
        add(root, new THREE.TubeGeometry(new THREE.LineCurve3(from, to), 1, RADIUS_M, SIDES), ink());
      }
    }
    for (const point of [legs[0]?.line_m[0], legs.at(-1)?.line_m.at(-1)]) {
      if (point === undefined) continue;
      add(root, new THREE.SphereGeometry(END_M, 16, 10), ink()).position.copy(toThree(raised(point)));
    }
    ask();
  };
  const ending = effect(draw);
  return {
    paint: draw,
    dispose: () => {
      ending();
      clear(root);
      root.removeFromParent();
    },
  };
}

const raised = ([x, y, z]: Point3): Point3 => [x, y, z + HEIGHT_M];

function add(root: THREE.Group, geometry: THREE.BufferGeometry, material: THREE.Material): THREE.Mesh {
  const mesh = new THREE.Mesh(geometry, material);
  mesh.renderOrder = 8;
  root.add(mesh);
  return mesh;
}

function clear(root: THREE.Group): void {
  for (const child of [...root.children]) {
    const { geometry, material } = child as THREE.Mesh<THREE.BufferGeometry, THREE.Material>;
    geometry.dispose();
    material.dispose();
    child.removeFromParent();
  }
}
