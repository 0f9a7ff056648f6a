/** Ways out in the 3D view: lines people walk along with cones that go, queues as they grow, and what burns. */

import { effect } from "@preact/signals";
import * as THREE from "three";
import * as evacuation from "../evacuation/state";
import type { Stream } from "../evacuation/types";
import type { Isolation, Store } from "../store";
import type { Point3 } from "../types";
import { toThree } from "./estate";

const HEIGHT_M = 0.5;
/** Cones stand so far apart, and go so fast. */
const EACH_M = 5;
const SHOWN_M_PER_S = 2.4;
const MOST_CONES = 4000;
/** From afar only what many walk along is drawn. */
const MANY = 3;
const CONE_M = 0.5;
const FIRE_M = 1.6;
/** Above the floor that smoke is drawn. */
const SMOKE_M = 1.6;
const ROD_M = 0.08;

const UP = new THREE.Vector3(0, 1, 0);

interface Parts {
  scene: THREE.Scene;
  store: Store;
  ask: () => void;
  colour: (name: string) => THREE.Color;
}

export interface EvacuationView {
  /** Let the cones go on; the answer is whether any goes. */
  advance(now_s: number, calm: boolean): boolean;
  /** The page's colours have changed. */
  paint(): void;
  dispose(): void;
}

interface Cone {
  from: THREE.Vector3;
  to: THREE.Vector3;
  size: number;
}

export function watchEvacuation({ scene, store, ask, colour }: Parts): EvacuationView {
  const root = new THREE.Group();
  const lines = new THREE.Group();
  const queues = new THREE.Group();
  scene.add(root);
  const smoke = new THREE.Group();
  root.add(lines, queues, smoke);
  let rooms: { mesh: THREE.Mesh; thick: readonly number[] }[] = [];
  let cones: Cone[] = [];
  let mesh: THREE.InstancedMesh | null = null;
  let moved_m = 0;
  let before_s = 0;

  const drawLines = (): void => {
    clear(lines);
    cones = [];
    mesh = null;
    const answer = evacuation.shown.value ? evacuation.answer.value : null;
    const isolation = store.isolation.value;
    const buildingOf = (storey: string): string | undefined => store.index.value?.storey.get(storey)?.building;
    const streams = (answer?.streams ?? []).filter((stream) => isShown(stream, isolation, buildingOf));
    if (streams.length > 0) {
      lines.add(rods(streams, colour("--good")));
      cones = streams.flatMap(along).slice(0, MOST_CONES);
      mesh = new THREE.InstancedMesh(new THREE.ConeGeometry(0.42, 1.5, 8), overAll(colour("--ink"), 0.9), cones.length);
      mesh.frustumCulled = false;
      mesh.renderOrder = 8;
      lines.add(mesh);
      place(mesh, cones, moved_m);
    }
    const fire = answer?.fire?.point_m;
    if (fire != null) {
      const flame = new THREE.Mesh(new THREE.SphereGeometry(FIRE_M, 20, 14), overAll(colour("--critical"), 0.85));
      flame.position.copy(toThree(raised(fire)));
      flame.renderOrder = 9;
      lines.add(flame);
    }
    ask();
  };
  const drawQueues = (): void => {
    clear(queues);
    const answer = evacuation.shown.value ? evacuation.answer.value : null;
    const at_s = evacuation.at_s.value;
    const isolation = store.isolation.value;
    for (const [k, row] of (answer?.waiting ?? []).entries()) {
      const many = evacuation.now(row, answer!.timeline.times_s, at_s);
      const queue = answer!.queues[k]!;
      if (many < 0.5 || (isolation?.storey !== undefined && queue.storey !== isolation.storey)) continue;
      const disc = new THREE.Mesh(new THREE.CircleGeometry(0.5 * Math.sqrt(many) + 0.3, 32), overAll(colour("--major"), 0.75));
      disc.rotation.x = -Math.PI / 2;
      disc.position.copy(toThree(raised(queue.point_m)));
      disc.renderOrder = 9;
      queues.add(disc);
    }
    ask();
  };
  const drawSmoke = (): void => {
    const answer = evacuation.shown.value ? evacuation.answer.value : null;
    const isolation = store.isolation.value;
    clear(smoke);
    rooms = [];
    for (const room of answer?.smoke_rooms ?? []) {
      if (isolation?.storey !== undefined && room.storey !== isolation.storey) continue;
      const made = new THREE.Mesh(roomShape(room.outline_m), overAll(colour("--ink"), 0));
      made.rotation.x = -Math.PI / 2;
      made.position.y = room.z_m + SMOKE_M;
      made.renderOrder = 6;
      smoke.add(made);
      rooms.push({ mesh: made, thick: room.extinction_per_m });
    }
    thicken();
  };
  const thicken = (): void => {
    const [at_s, times_s] = [evacuation.at_s.value, evacuation.answer.peek()?.smoke_times_s ?? []];
    for (const { mesh: made, thick } of rooms) {
      const material = made.material as THREE.MeshBasicMaterial;
      material.opacity = evacuation.darkness(evacuation.now(thick, times_s, at_s));
      made.visible = material.opacity > 0.02;
    }
    ask();
  };
  const endings = [effect(drawLines), effect(drawQueues), effect(drawSmoke), effect(thicken)];
  return {
    advance: (now_s, calm) => {
      const step_s = Math.min(0.2, Math.max(0, now_s - before_s));
      before_s = now_s;
      if (mesh === null || calm) return false;
      moved_m += step_s * SHOWN_M_PER_S;
      place(mesh, cones, moved_m);
      return true;
    },
    paint: () => {
      drawLines();
      drawQueues();
      drawSmoke();
    },
    dispose: () => {
      for (const end of endings) end();
      clear(lines);
      clear(queues);
      clear(smoke);
      root.removeFromParent();
    },
  };
}

/** A room's floor, to lie in the horizontal once it is turned. */
function roomShape(outline_m: readonly (readonly [number, number])[]): THREE.ShapeGeometry {
  return new THREE.ShapeGeometry(new THREE.Shape(outline_m.map(([x, y]) => new THREE.Vector2(x, y))));
}

const raised = ([x, y, z]: Point3): Point3 => [x, y, z + HEIGHT_M];

/** With a storey alone its streams; with a building alone that one's; else what many walk along. */
export function isShown(stream: Stream, isolation: Isolation | null, buildingOf: (storey: string) => string | undefined): boolean {
  if (isolation?.storey !== undefined) return stream.storey === isolation.storey;
  if (stream.persons < MANY) return false;
  if (isolation?.building === undefined) return true;
  return stream.storey === null || buildingOf(stream.storey) === isolation.building;
}

/** Rods along the streams, thicker where more go. */
function rods(streams: readonly Stream[], ink: THREE.Color): THREE.InstancedMesh {
  const pieces = streams.flatMap(({ line_m, persons }) => line_m.slice(1).map((to, k) => ({ from: toThree(raised(line_m[k]!)), to: toThree(raised(to)), persons })));
  const mesh = new THREE.InstancedMesh(new THREE.CylinderGeometry(1, 1, 1, 6, 1, true), overAll(ink, 0.8), pieces.length);
  const [turned, matrix, middle, way] = [new THREE.Quaternion(), new THREE.Matrix4(), new THREE.Vector3(), new THREE.Vector3()];
  for (const [k, { from, to, persons }] of pieces.entries()) {
    const length_m = Math.max(way.subVectors(to, from).length(), 1e-3);
    const radius_m = ROD_M * (1 + 1.4 * Math.log10(1 + persons));
    turned.setFromUnitVectors(UP, way.divideScalar(length_m));
    mesh.setMatrixAt(k, matrix.compose(middle.addVectors(from, to).multiplyScalar(0.5), turned, new THREE.Vector3(radius_m, length_m, radius_m)));
  }
  mesh.frustumCulled = false;
  mesh.renderOrder = 7;
  return mesh;
}

/** Stretches of a stream that have a cone each. */
export function along({ line_m, persons }: Stream): Cone[] {
  const size = CONE_M * (1 + Math.min(1.2, Math.log10(1 + persons / 10)));
  return line_m.slice(1).flatMap((end, k) => {
    const [a, b] = [toThree(raised(line_m[k]!)), toThree(raised(end))];
    const length_m = a.distanceTo(b);
    if (length_m < 0.6) return [];
    const count = Math.max(1, Math.round(length_m / EACH_M));
    return Array.from({ length: count }, (_, n) => ({ from: a.clone().lerp(b, n / count), to: a.clone().lerp(b, (n + 1) / count), size }));
  });
}

function place(mesh: THREE.InstancedMesh, cones: readonly Cone[], moved_m: number): void {
  const [turned, matrix, at, way, scale] = [new THREE.Quaternion(), new THREE.Matrix4(), new THREE.Vector3(), new THREE.Vector3(), new THREE.Vector3()];
  for (const [k, { from, to, size }] of cones.entries()) {
    way.subVectors(to, from);
    const length_m = way.length();
    at.copy(from).addScaledVector(way, (0.5 + moved_m / length_m) % 1);
    turned.setFromUnitVectors(UP, way.divideScalar(length_m));
    mesh.setMatrixAt(k, matrix.compose(at, turned, scale.setScalar(size)));
  }
  mesh.instanceMatrix.needsUpdate = true;
}

const overAll = (ink: THREE.Color, opacity: number): THREE.MeshBasicMaterial => new THREE.MeshBasicMaterial({ color: ink, depthTest: false, transparent: true, opacity });

function clear(group: THREE.Group): void {
  for (const child of [...group.children]) {
    const { geometry, material } = child as THREE.Mesh<THREE.BufferGeometry, THREE.Material>;
    geometry.dispose();
    material.dispose();
    child.removeFromParent();
  }
}
