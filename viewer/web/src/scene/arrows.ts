/** Which way water runs: small cones along the pipes, that go with it where things may move. */

import * as THREE from "three";
import type { PipeFlow } from "../leak_types";
import { placing, type Estate } from "./estate";
import { HIDDEN } from "./objects";
import { stateOfRow } from "./materials";

/** One cone stands for so much of a pipe. */
const EACH_M = 8;
const SHORTEST_M = 0.7;
/** Where so much of a pipe is less on the screen, its cones would only be dirt. */
const LEAST_CELL_PX = 34;
const LEAST_PX = 2.8;
/** Shown speeds: true ones, drawn out so that one sees them, within what an eye follows. */
const SPEED_RATIO = 1.6;
/** Two metres an hour: what seeps through a closed main shows no way. */
const STANDING_M_PER_S = 0.0005;
const SLOWEST_M_PER_S = 0.5;
const FASTEST_M_PER_S = 3.5;

const VERTEX = /* glsl */ `
attribute vec3 iFrom;
attribute vec3 iTo;
attribute vec4 iKind;
uniform float uTime;
uniform float uPixel;
uniform float uShading;
uniform vec2 uBand;
varying float vLight;
${stateOfRow}
#include <clipping_planes_pars_vertex>
void main() {
  vec3 way = iTo - iFrom;
  float cell = length(way);
  vec3 ahead = way / cell;
  vec3 centre = mix(iFrom, iTo, fract(0.5 + uTime * iKind.x / cell));
  vec4 state = stateOf(iKind.y);
  float away = -(viewMatrix * vec4(centre, 1.0)).z;
  float pixel = uPixel * max(away, 0.1);
  float radius = min(max(iKind.z * 1.8, pixel * ${LEAST_PX.toFixed(1)}), cell * 0.3);
  vec3 side = normalize(cross(ahead, abs(ahead.y) > 0.9 ? vec3(1.0, 0.0, 0.0) : vec3(0.0, 1.0, 0.0)));
  vec3 over = cross(side, ahead);
  vec3 place = centre + (side * position.x + ahead * position.y + over * position.z) * radius;
  vec3 face = normalize(side * position.x + ahead * 0.4 + over * position.z);
  vLight = 0.72 + 0.28 * face.y;
  vec4 mvPosition = viewMatrix * vec4(place, 1.0);
  #include <clipping_planes_vertex>
  gl_Position = projectionMatrix * mvPosition;
  bool gone = (int(state.r + 0.5) & ${HIDDEN}) != 0 || centre.y < uBand.x || centre.y > uBand.y;
  // beside what lies over the estate, only where it says something
  if (uShading > 0.5 && state.b < 0.5) gone = true;
  if (gone || cell / pixel < ${LEAST_CELL_PX.toFixed(1)}) gl_Position = vec4(0.0, 0.0, -2.0, 1.0);
}`;
const FRAGMENT = /* glsl */ `
uniform vec3 uInk;
varying float vLight;
#include <clipping_planes_pars_fragment>
void main() {
  #include <clipping_planes_fragment>
  gl_FragColor = vec4(uInk * vLight * 0.8, 1.0);
  #include <colorspace_fragment>
}`;

/** The speed at which cones go along a pipe; 0 where its water stands. [m/s] */
export function shownSpeed(flow: PipeFlow): number {
  if (flow.way === 0 || (flow.velocity_m_per_s ?? STANDING_M_PER_S) < STANDING_M_PER_S) return 0;
  const speed = (flow.velocity_m_per_s ?? SLOWEST_M_PER_S) * SPEED_RATIO;
  return Math.min(FASTEST_M_PER_S, Math.max(SLOWEST_M_PER_S, speed));
}

/** The stretches of a straight piece of pipe that have a cone each, in the way the water goes. */
export function cells(from: THREE.Vector3, to: THREE.Vector3, way: number): [THREE.Vector3, THREE.Vector3][] {
  const length_m = from.distanceTo(to);
  if (way === 0 || length_m < SHORTEST_M) return [];
  const count = Math.max(1, Math.round(length_m / EACH_M));
  return Array.from({ length: count }, (_, k) => {
    const [a, b] = [from.clone().lerp(to, k / count), from.clone().lerp(to, (k + 1) / count)];
    return way > 0 ? [a, b] : [b, a];
  });
}

export class Arrows {
  readonly root = new THREE.Group();
  private readonly time = { value: 0 };
  private readonly meshes: { mesh: THREE.Mesh; pipes: THREE.Mesh }[] = [];
  private before_s = 0;
  private readonly cone = new THREE.ConeGeometry(1, 3.6, 8, 1, true);
  private readonly material: THREE.ShaderMaterial;

  constructor(private readonly estate: Estate) {
    this.material = new THREE.ShaderMaterial({
      uniforms: { ...estate.uniforms, uTime: this.time },
      vertexShader: VERTEX,
      fragmentShader: FRAGMENT,
      side: THREE.DoubleSide,
      clipping: true,
    });
    estate.alsoCut(this.material);
  }

  /** Show these flows, by pipe; none takes the cones away. */
  set(flows: ReadonlyMap<string, PipeFlow>): void {
    this.clear();
    if (flows.size === 0) return;
    const [a, b] = [new THREE.Vector3(), new THREE.Vector3()];
    for (const { part, mesh } of this.estate.solids) {
      if (part.role !== "pipes" || part.placings === null) continue;
      const [starts, ends, kinds]: [number[], number[], number[]] = [[], [], []];
      for (let k = 0; k < part.placings.count; k++) {
        const row = part.placings.objects[k]!;
        const flow = flows.get(this.estate.objects.id(row));
        if (flow === undefined) continue;
        const speed = shownSpeed(flow);
        if (speed === 0) continue;
        const place = placing(part, k);
        const radius_m = part.placings.sizes === null ? 0.05 : part.placings.sizes[k * 3]!;
        for (const [from, to] of cells(a.set(0, 0, 0).applyMatrix4(place), b.set(0, 1, 0).applyMatrix4(place), flow.way)) {
          starts.push(...from.toArray());
          ends.push(...to.toArray());
          kinds.push(speed, row, radius_m, 0);
        }
      }
      if (starts.length > 0) this.add(mesh, starts, ends, kinds);
    }
  }

  private add(pipes: THREE.Mesh, starts: number[], ends: number[], kinds: number[]): void {
    const geometry = new THREE.InstancedBufferGeometry();
    geometry.setAttribute("position", this.cone.getAttribute("position"));
    geometry.setIndex(this.cone.index);
    geometry.setAttribute("iFrom", new THREE.InstancedBufferAttribute(new Float32Array(starts), 3));
    geometry.setAttribute("iTo", new THREE.InstancedBufferAttribute(new Float32Array(ends), 3));
    geometry.setAttribute("iKind", new THREE.InstancedBufferAttribute(new Float32Array(kinds), 4));
    geometry.instanceCount = starts.length / 3;
    const mesh = new THREE.Mesh(geometry, this.material);
    mesh.frustumCulled = false;
    this.root.add(mesh);
    this.meshes.push({ mesh, pipes });
  }

  /** Follow what of the pipes shows, and the time; the answer is whether anything goes along. */
  advance(now_s: number, calm: boolean): boolean {
    let any = false;
    for (const { mesh, pipes } of this.meshes) any = (mesh.visible = pipes.visible) || any;
    const step_s = Math.min(0.2, Math.max(0, now_s - this.before_s));
    this.before_s = now_s;
    // one hour of this and a float has no room for parts of a pipe
    this.time.value = calm ? 0 : (this.time.value + step_s) % 3600;
    return any && !calm;
  }

  /** How many cones there are. */
  get count(): number {
    return this.meshes.reduce((sum, { mesh }) => sum + (mesh.visible ? (mesh.geometry as THREE.InstancedBufferGeometry).instanceCount : 0), 0);
  }

  private clear(): void {
    for (const { mesh } of this.meshes.splice(0)) {
      this.root.remove(mesh);
      // the cone's own attributes are shared and stay
      mesh.geometry.deleteAttribute("position");
      mesh.geometry.setIndex(null);
      mesh.geometry.dispose();
    }
  }

  dispose(): void {
    this.clear();
    this.cone.dispose();
    this.material.dispose();
  }
}
