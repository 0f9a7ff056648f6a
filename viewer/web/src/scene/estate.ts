/** The estate's parts as three.js draws them, and which of them show. */

import * as THREE from "three";
import type { ObjectRef, Point3 } from "../types";
import { Culling } from "./culling";
import type { Part, SceneFile } from "./glb";
import {
  edgeMaterial,
  modelMaterial,
  shadeMaterial,
  shadowMaterial,
  sharedUniforms,
  type Layer,
  type SharedUniforms,
} from "./materials";
import { ObjectTable } from "./objects";

/** A part that a ray can meet. */
export interface Solid {
  part: Part;
  layer: Layer;
  mesh: THREE.Mesh;
  /** Numbers of the placings that are drawn now, in order. */
  shown: Int32Array;
}

const LAYERS: Record<string, Layer> = { shell: "outside", roofs: "outside", interior: "inside", pipes: "pipe", nodes: "joint" };
const SEE_THROUGH: Record<string, number> = { shell: 0.1, roofs: 0.1, interior: 0.22, ground: 0.3, ramps: 0.4 };

export class Estate {
  readonly root = new THREE.Group();
  readonly objects: ObjectTable;
  readonly uniforms: SharedUniforms;
  readonly solids: Solid[] = [];
  readonly section = new THREE.Plane(new THREE.Vector3(1, 0, 0), 1e9);
  /** Bounds of all that stands above the land, three's frame. */
  readonly bounds = new THREE.Box3();
  /** Of what stands many times, only what is in view; none where shadows fall. */
  readonly culling: Culling | null;
  private readonly edges: { mesh: THREE.LineSegments; underground: boolean }[] = [];
  private readonly shades: THREE.Mesh[] = [];
  private readonly boxes = new Map<number, THREE.Box3>();
  private readonly materials: THREE.Material[] = [];
  private readonly thin = new Map<THREE.Mesh, { solid: THREE.Material; through: THREE.Material }>();

  constructor(file: SceneFile, readonly shadows: boolean) {
    this.culling = shadows ? null : new Culling();
    this.objects = new ObjectTable(file.objects);
    this.uniforms = sharedUniforms(this.objects.texture);
    for (const part of file.parts) {
      if (part.geometry.lines) this.addEdges(part);
      else if (part.role === "shade") this.addShade(part);
      else this.addSolid(part);
    }
    this.measure();
  }

  private geometry(part: Part): THREE.BufferGeometry {
    const { positions, colours, objects, indices } = part.geometry;
    const geometry = new THREE.BufferGeometry();
    geometry.setAttribute("position", new THREE.BufferAttribute(positions, 3));
    geometry.setAttribute("color", new THREE.BufferAttribute(colours, 4, true));
    geometry.setAttribute("aObject", new THREE.BufferAttribute(objects, 1));
    geometry.setIndex(new THREE.BufferAttribute(indices.slice(), 1));
    geometry.computeBoundingBox();
    return geometry;
  }

  private addSolid(part: Part): void {
    const layer = LAYERS[part.role] ?? "always";
    const colour = typeof part.extras.colour === "string" ? new THREE.Color(part.extras.colour) : undefined;
    const make = (opacity: number): THREE.Material =>
      modelMaterial({ layer, uniforms: this.uniforms, opacity, ...(colour && { colour }) });
    const solid = make(1);
    const through = make(SEE_THROUGH[part.role] ?? 1);
    this.materials.push(solid, through);
    const geometry = this.geometry(part);
    let mesh: THREE.Mesh;
    const n = part.placings?.count ?? 0;
    if (part.placings === null) {
      mesh = new THREE.Mesh(geometry, solid);
    } else {
      geometry.setAttribute("iObject", new THREE.InstancedBufferAttribute(part.placings.objects.slice(), 1));
      const instanced = new THREE.InstancedMesh(geometry, solid, n);
      for (let k = 0; k < n; k++) instanced.setMatrixAt(k, placing(part, k));
      mesh = instanced;
    }
    mesh.name = part.name;
    mesh.frustumCulled = false;
    mesh.visible = part.role !== "interior";
    mesh.matrixAutoUpdate = false;
    mesh.castShadow = this.shadows && !["ground", "pipes", "nodes"].includes(part.role);
    mesh.receiveShadow = this.shadows;
    if (mesh.castShadow) {
      mesh.customDepthMaterial = shadowMaterial(layer, this.uniforms);
      this.materials.push(mesh.customDepthMaterial);
    }
    this.thin.set(mesh, { solid, through });
    this.root.add(mesh);
    if (part.placings !== null && part.role !== "interior") {
      this.culling?.add(part, (k) => placing(part, k), (left) => draw(part, mesh as THREE.InstancedMesh, left));
    }
    const shown = part.role === "interior" ? new Int32Array(0) : Int32Array.from({ length: n }, (_, k) => k);
    this.solids.push({ part, layer, mesh, shown });
  }

  private addEdges(part: Part): void {
    const { positions, colours, objects, indices } = part.geometry;
    const geometry = new THREE.InstancedBufferGeometry();
    geometry.setAttribute("position", new THREE.BufferAttribute(positions, 3));
    geometry.setAttribute("aColour", new THREE.BufferAttribute(colours, 4, true));
    geometry.setAttribute("aObject", new THREE.BufferAttribute(objects, 1));
    const places = new THREE.InstancedBufferAttribute(part.placings?.places.slice() ?? new Float32Array(3), 3);
    const rows = new THREE.InstancedBufferAttribute(part.placings?.objects.slice() ?? new Float32Array(1), 1);
    geometry.setAttribute("iPlace", places);
    geometry.setAttribute("iObject", rows);
    geometry.setIndex(new THREE.BufferAttribute(indices, 1));
    geometry.instanceCount = part.placings?.count ?? 1;
    if (part.placings !== null) {
      this.culling?.add(part, (k) => placing(part, k), (left) => {
        left.forEach((k, at) => {
          places.set(part.placings!.places.subarray(k * 3, k * 3 + 3), at * 3);
          rows.setX(at, part.placings!.objects[k]!);
        });
        geometry.instanceCount = left.length;
        places.needsUpdate = rows.needsUpdate = true;
      });
    }
    const material = edgeMaterial(this.uniforms);
    const mesh = new THREE.LineSegments(geometry, material);
    mesh.frustumCulled = false;
    mesh.renderOrder = 2;
    this.materials.push(material);
    this.edges.push({ mesh, underground: part.extras.underground === true });
    this.root.add(mesh);
  }

  private addShade(part: Part): void {
    const geometry = new THREE.BufferGeometry();
    geometry.setAttribute("position", new THREE.BufferAttribute(part.geometry.positions, 3));
    geometry.setAttribute("aColour", new THREE.BufferAttribute(part.geometry.colours, 4, true));
    geometry.setIndex(new THREE.BufferAttribute(part.geometry.indices, 1));
    const material = shadeMaterial(this.uniforms);
    const mesh = new THREE.Mesh(geometry, material);
    mesh.renderOrder = 1;
    this.materials.push(material);
    this.shades.push(mesh);
    this.root.add(mesh);
  }

  /** Bounds of every object that is drawn as itself, from its vertices. */
  private measure(): void {
    const point = new THREE.Vector3();
    const grow = (row: number, p: THREE.Vector3): void => {
      for (; row >= 0; row = this.objects.parent(row)) {
        let box = this.boxes.get(row);
        if (box === undefined) this.boxes.set(row, (box = new THREE.Box3()));
        box.expandByPoint(p);
      }
    };
    for (const { part } of this.solids) {
      const { positions, objects } = part.geometry;
      if (part.placings === null) {
        for (let k = 0; k < objects.length; k++) {
          if (objects[k]! >= 0) grow(objects[k]!, point.fromArray(positions, k * 3));
        }
        continue;
      }
      const local = localBoxes(part);
      for (let k = 0; k < part.placings.count; k++) {
        const matrix = placing(part, k);
        for (const [own, box] of local) {
          const moved = box.clone().applyMatrix4(matrix);
          const row = part.placings.objects[k]! + own;
          grow(row, moved.min);
          grow(row, moved.max);
        }
      }
    }
    for (const box of this.mainBoxes()) this.bounds.union(box);
  }

  /** Where an object is and how large, three's frame. */
  box(ref: ObjectRef): THREE.Box3 | null {
    return this.boxOf(this.objects.row(ref.type, ref.id));
  }

  boxOf(row: number): THREE.Box3 | null {
    return this.boxes.get(row) ?? null;
  }

  /** Draw the insides of these storeys, by row; all others are closed. */
  showInteriors(storeys: ReadonlySet<number>): void {
    for (const solid of this.solids) {
      if (solid.part.role !== "interior" || solid.part.placings === null) continue;
      const { objects, count } = solid.part.placings;
      const shown: number[] = [];
      for (let k = 0; k < count; k++) if (storeys.has(objects[k]!)) shown.push(k);
      solid.shown = Int32Array.from(shown);
      solid.mesh.visible = shown.length > 0;
      draw(solid.part, solid.mesh as THREE.InstancedMesh, shown);
    }
  }

  /** What a view of the whole must show: the buildings, or where there are none, everything. */
  mainBoxes(): THREE.Box3[] {
    const buildings = [...this.boxes].filter(([row]) => this.objects.type(row) === "building").map(([, box]) => box);
    return buildings.length > 0 ? buildings : [...this.boxes.values()];
  }

  /** What shows in the large: seen through, what is under the ground, the ground itself, plants, networks by kind. */
  setView(view: { xray: boolean; below: boolean; landThrough: boolean; land: boolean; plants: boolean; networks: (kind: string) => boolean }): void {
    for (const { part, mesh } of this.solids) {
      const { solid, through } = this.thin.get(mesh)!;
      const land = part.role === "ground" || part.role === "ramps";
      mesh.material = view.xray || (view.landThrough && land) ? through : solid;
      mesh.renderOrder = mesh.material === through && through !== solid && (SEE_THROUGH[part.role] ?? 1) < 1 ? 3 : 0;
      if (part.role === "pipes" || part.role === "nodes") mesh.visible = view.below && view.networks(String(part.extras.kind));
      else if (part.role === "shell") mesh.visible = part.extras.underground !== true || view.below;
      else if (part.role === "tree" || part.role === "furniture") mesh.visible = view.land && view.plants;
      else if (part.role !== "interior") mesh.visible = part.role === "roofs" || view.land;
    }
    for (const { mesh, underground } of this.edges) mesh.visible = !underground || view.below;
    for (const mesh of this.shades) mesh.visible = view.land && !view.below;
  }

  /** Cut the estate by a plane in the site frame's axes, or not. */
  setSection(plane: { axis: "x" | "y" | "z"; position_m: number; on: boolean; flip: boolean }): void {
    const normal = { x: [-1, 0, 0], y: [0, 0, 1], z: [0, -1, 0] }[plane.axis] as [number, number, number];
    const sign = plane.flip ? -1 : 1;
    this.section.normal.set(...normal).multiplyScalar(sign);
    this.section.constant = plane.on ? plane.position_m * sign : 1e9;
    this.uniforms.uSection.value = plane.on ? 1 : 0;
    // only while it cuts: a shader that may discard is drawn without the early test of depth
    const planes = plane.on ? [this.section] : null;
    for (const material of this.materials) material.clippingPlanes = planes;
  }

  /** A material of something that belongs to the estate and is cut with it. */
  alsoCut(material: THREE.Material): void {
    this.materials.push(material);
  }

  paintNetworks(colour: (kind: string) => THREE.Color): void {
    for (const { part, mesh } of this.solids) {
      if (part.role !== "pipes" && part.role !== "nodes") continue;
      const { solid, through } = this.thin.get(mesh)!;
      for (const material of [solid, through]) {
        (material.userData.paint as { value: THREE.Color }).value.copy(colour(String(part.extras.kind)));
      }
    }
  }

  dispose(): void {
    for (const { mesh } of this.solids) mesh.geometry.dispose();
    for (const { mesh } of this.edges) mesh.geometry.dispose();
    for (const mesh of this.shades) mesh.geometry.dispose();
    for (const material of this.materials) material.dispose();
    this.objects.texture.dispose();
    this.uniforms.uRamp.value.dispose();
  }
}

/** Let an instanced mesh draw these placings of its part. */
function draw(part: Part, mesh: THREE.InstancedMesh, numbers: readonly number[]): void {
  const rows = mesh.geometry.getAttribute("iObject") as THREE.InstancedBufferAttribute;
  numbers.forEach((k, at) => {
    mesh.setMatrixAt(at, placing(part, k));
    rows.setX(at, part.placings!.objects[k]!);
  });
  mesh.count = numbers.length;
  mesh.instanceMatrix.needsUpdate = true;
  rows.needsUpdate = true;
}

/** The matrix of a part's k-th placing. */
export function placing(part: Part, k: number): THREE.Matrix4 {
  const { places, turns, sizes } = part.placings!;
  return new THREE.Matrix4().compose(
    new THREE.Vector3().fromArray(places, k * 3),
    turns === null ? new THREE.Quaternion() : new THREE.Quaternion().fromArray(turns, k * 4),
    sizes === null ? new THREE.Vector3(1, 1, 1) : new THREE.Vector3().fromArray(sizes, k * 3),
  );
}

function localBoxes(part: Part): Map<number, THREE.Box3> {
  const boxes = new Map<number, THREE.Box3>();
  const point = new THREE.Vector3();
  const { positions, objects } = part.geometry;
  for (let k = 0; k < objects.length; k++) {
    let box = boxes.get(objects[k]!);
    if (box === undefined) boxes.set(objects[k]!, (box = new THREE.Box3()));
    box.expandByPoint(point.fromArray(positions, k * 3));
  }
  return boxes;
}

/** A point of the site frame in three's. */
export function toThree([x, y, z]: Point3): THREE.Vector3 {
  return new THREE.Vector3(x, z, -y);
}

export function toSite(v: THREE.Vector3): Point3 {
  return [v.x, -v.z, v.y];
}
