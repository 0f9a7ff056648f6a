/** What cameras cover, drawn: a texture on each floor, the field of the chosen camera, the gaps of the open place. */

import type { Polygon as Shape, Position } from "geojson";
import * as THREE from "three";
import { paintCells, type By, type Token } from "../coverage/colours";
import { aimOf, fieldOf, type Field } from "../coverage/fields";
import { HEIGHT_M } from "../coverage/sightings";
import type { Camera, Gap, Place, Scale } from "../coverage/types";
import type { Isolation } from "../store";
import type { Point3 } from "../types";
import { toThree } from "./estate";

const OVER_FLOOR_M = 0.06;
const OVER_CELLS_M = 0.12;
const HANDLE_PX = 9;
/** Half as wide as a way is drawn. */
const WAY_M = 0.3;
const raised = ([x, y, z]: Point3): Point3 => [x, y, z + HEIGHT_M];

export interface Shown {
  places: readonly Place[];
  before: ReadonlyMap<string, Place>;
  by: By;
  scale: Scale;
  isolation: Isolation | null;
  /** Building of a storey. */
  buildingOf: (storey: string) => string | undefined;
}

export class CoverageLayer {
  readonly root = new THREE.Group();
  /** The point on the floor that the chosen camera is aimed at; dragging it turns the camera. */
  readonly handle: THREE.Mesh;
  /** The chosen camera itself; dragging it moves the camera at its height. */
  readonly mover: THREE.Mesh;
  private readonly floors = new THREE.Group();
  private readonly field = new THREE.Group();
  private readonly gaps = new THREE.Group();
  private readonly sights = new THREE.Group();
  private readonly way = new THREE.Group();
  private readonly sheets = new Map<string, { place: Place; how: string; mesh: THREE.Mesh }>();
  private readonly handleMaterial = new THREE.MeshBasicMaterial({ depthTest: false, transparent: true });
  private aimed: Camera | null = null;

  constructor() {
    this.handle = new THREE.Mesh(new THREE.SphereGeometry(1, 20, 12), this.handleMaterial);
    this.handle.renderOrder = 9;
    this.handle.visible = false;
    this.mover = new THREE.Mesh(new THREE.OctahedronGeometry(1), this.handleMaterial);
    this.mover.renderOrder = 9;
    this.mover.visible = false;
    this.root.add(this.floors, this.field, this.gaps, this.sights, this.way, this.handle, this.mover);
  }

  /** Lay these over their floors; only what has changed is painted anew. */
  setPlaces(shown: Shown | null, colour: (name: string) => THREE.Color): void {
    const wanted = new Set<string>();
    for (const place of shown?.places ?? []) {
      if (!isIn(place, shown!)) continue;
      wanted.add(place.key);
      const how = `${shown!.by} ${shown!.scale.steps.join()} ${colour("--cover-none").getHexString()}`;
      const known = this.sheets.get(place.key);
      if (known?.place === place && known.how === how) continue;
      if (known !== undefined) this.drop(place.key, known.mesh);
      const mesh = sheet(place, shown!, colour);
      this.sheets.set(place.key, { place, how, mesh });
      this.floors.add(mesh);
    }
    for (const [key, { mesh }] of this.sheets) if (!wanted.has(key)) this.drop(key, mesh);
  }

  private drop(key: string, mesh: THREE.Mesh): void {
    this.floors.remove(mesh);
    const material = mesh.material as THREE.MeshBasicMaterial;
    material.map?.dispose();
    material.dispose();
    mesh.geometry.dispose();
    this.sheets.delete(key);
  }

  /** Draw a camera's field on its floor, with the point it is aimed at. */
  setCamera(camera: Camera | null, floor_m: number, ink: THREE.Color): void {
    clear(this.field);
    this.aimed = camera;
    this.handle.visible = this.mover.visible = false;
    if (camera === null) return;
    this.mover.visible = true;
    this.handleMaterial.color.copy(ink);
    this.mover.position.copy(toThree(camera.position_m));
    for (const eye of camera.eyes) this.field.add(...pyramid(fieldOf(camera.position_m, eye, floor_m), camera.position_m, ink));
    const aim = aimOf(camera, floor_m);
    if (aim === null || camera.eyes.length !== 1) return;
    this.handle.visible = true;
    this.handle.position.copy(toThree(aim));
  }

  /** Draw the outlines of gaps, the chosen one stronger, with the line of sight that fails. */
  setGaps(gaps: readonly Gap[], chosen: number | null, from: Point3 | null, ink: THREE.Color): void {
    clear(this.gaps);
    gaps.forEach((gap, k) => {
      const lines = outline(gap);
      if (lines.length === 0) return;
      const material = new THREE.LineBasicMaterial({ color: ink, depthTest: false, transparent: true, opacity: chosen === null || chosen === k ? 1 : 0.35 });
      const mesh = new THREE.LineSegments(new THREE.BufferGeometry().setAttribute("position", new THREE.Float32BufferAttribute(lines, 3)), material);
      mesh.renderOrder = 8;
      this.gaps.add(mesh);
    });
    const gap = chosen === null ? undefined : gaps[chosen];
    const middle = gap === undefined ? null : middleOf(gap);
    if (middle === null || from === null) return;
    const geometry = new THREE.BufferGeometry().setFromPoints([toThree(from), toThree(middle)]);
    const sight = new THREE.Line(geometry, new THREE.LineDashedMaterial({ color: ink, dashSize: 0.6, gapSize: 0.4, depthTest: false }));
    sight.computeLineDistances();
    sight.renderOrder = 8;
    this.gaps.add(sight);
  }

  /** Draw lines of sight to a point, broken where they fail. */
  setSights(point: Point3 | null, from: readonly { from: Point3; isSeen: boolean }[], good: THREE.Color, bad: THREE.Color): void {
    clear(this.sights);
    if (point === null) return;
    const foot: Point3 = [point[0], point[1], point[2] - HEIGHT_M];
    const lines = [{ from: foot, isSeen: from.some((one) => one.isSeen) }, ...from];
    for (const one of lines) {
      const look = { color: one.isSeen ? good : bad, depthTest: false, transparent: true };
      const material = one.isSeen ? new THREE.LineBasicMaterial(look) : new THREE.LineDashedMaterial({ ...look, dashSize: 0.6, gapSize: 0.4 });
      const line = new THREE.Line(new THREE.BufferGeometry().setFromPoints([toThree(one.from), toThree(point)]), material);
      line.computeLineDistances();
      line.renderOrder = 8;
      this.sights.add(line);
    }
  }

  /** Draw a way: as a band at the height of the eyes, by whether somebody sees it there, and posts at its corners. */
  setWay(points: readonly Point3[], parts: readonly { points: readonly Point3[]; isSeen: boolean }[], colour: (name: string) => THREE.Color): void {
    clear(this.way);
    const line = (through: readonly Point3[], ink: THREE.Color): void => {
      if (through.length < 2) return;
      const path = new THREE.CurvePath<THREE.Vector3>();
      for (let k = 1; k < through.length; k++) path.add(new THREE.LineCurve3(toThree(through[k - 1]!), toThree(through[k]!)));
      const mesh = new THREE.Mesh(new THREE.TubeGeometry(path, Math.max(2, 2 * through.length), WAY_M, 6), new THREE.MeshBasicMaterial({ color: ink, depthTest: false, transparent: true }));
      mesh.renderOrder = 8;
      this.way.add(mesh);
    };
    if (parts.length === 0) line(points.map(raised), colour("--accent"));
    parts.forEach((part, k) => line([...part.points, ...(parts[k + 1]?.points.slice(0, 1) ?? [])], colour(part.isSeen ? "--good" : "--critical")));
    for (const point of points) {
      const post = new THREE.Line(new THREE.BufferGeometry().setFromPoints([toThree(point), toThree(raised(point))]), new THREE.LineBasicMaterial({ color: colour("--accent"), depthTest: false, transparent: true }));
      post.renderOrder = 8;
      const knob = new THREE.Mesh(new THREE.SphereGeometry(2 * WAY_M, 12, 8), new THREE.MeshBasicMaterial({ color: colour("--accent"), depthTest: false, transparent: true }));
      knob.position.copy(toThree(raised(point)));
      knob.renderOrder = 8;
      this.way.add(post, knob);
    }
  }

  /** The handles are as large on the screen from near and far. */
  scale(camera: THREE.PerspectiveCamera, focal_px: number): void {
    for (const handle of [this.handle, this.mover]) {
      if (handle.visible) handle.scale.setScalar((HANDLE_PX * handle.position.distanceTo(camera.position)) / focal_px);
    }
  }

  get camera(): Camera | null {
    return this.aimed;
  }

  dispose(): void {
    for (const [key, { mesh }] of [...this.sheets]) this.drop(key, mesh);
    clear(this.field);
    clear(this.gaps);
    clear(this.sights);
    this.handle.geometry.dispose();
    this.mover.geometry.dispose();
    this.handleMaterial.dispose();
  }
}

/** Whether a place shows: what stands alone leaves all others out. */
function isIn(place: Place, { isolation, buildingOf }: Shown): boolean {
  if (isolation === null) return true;
  if (place.storey === null) return false;
  return isolation.storey === undefined ? buildingOf(place.storey) === isolation.building : place.storey === isolation.storey;
}

function sheet(place: Place, shown: Shown, colour: (name: string) => THREE.Color): THREE.Mesh {
  const { corner_m, step_m, rows, columns, elevation_m } = place.grid;
  const known = new Map<Token, readonly [number, number, number, number]>();
  const rgba = (token: Token): readonly [number, number, number, number] => {
    let found = known.get(token);
    if (found === undefined) {
      const { r, g, b } = colour(`--${token}`).clone().convertLinearToSRGB();
      known.set(token, (found = [r * 255, g * 255, b * 255, token === "cover-same" ? 110 : 235]));
    }
    return found;
  };
  const texture = new THREE.DataTexture(paintCells(place, shown.by, shown.scale, rgba, shown.before.get(place.key)), columns, rows);
  texture.colorSpace = THREE.SRGBColorSpace;
  texture.magFilter = texture.minFilter = THREE.NearestFilter;
  texture.needsUpdate = true;
  const [width, depth] = [columns * step_m, rows * step_m];
  const geometry = new THREE.PlaneGeometry(width, depth).rotateX(-Math.PI / 2);
  const material = new THREE.MeshBasicMaterial({ map: texture, transparent: true, depthWrite: false, polygonOffset: true, polygonOffsetFactor: -2, polygonOffsetUnits: -2 });
  const mesh = new THREE.Mesh(geometry, material);
  mesh.position.copy(toThree([corner_m[0] + width / 2 - step_m / 2, corner_m[1] + depth / 2 - step_m / 2, elevation_m + OVER_FLOOR_M]));
  mesh.renderOrder = 2;
  return mesh;
}

/** A field as its edges in space and its area on the floor. */
function pyramid(field: Field, apex: Point3, ink: THREE.Color): THREE.Object3D[] {
  const rim = field.rim.map(toThree);
  if (rim.length < 3) return [];
  const top = toThree(apex);
  const edges: THREE.Vector3[] = [];
  rim.forEach((point, k) => {
    edges.push(point, rim[(k + 1) % rim.length]!);
    if (field.spokes.includes(k)) edges.push(top, point);
  });
  const lines = new THREE.LineSegments(new THREE.BufferGeometry().setFromPoints(edges), new THREE.LineBasicMaterial({ color: ink, depthTest: false, transparent: true, opacity: 0.9 }));
  lines.renderOrder = 7;
  const middle = rim.reduce((sum, p) => sum.add(p), new THREE.Vector3()).divideScalar(rim.length);
  const faces = rim.flatMap((point, k) => [middle, point, rim[(k + 1) % rim.length]!]);
  const fill = new THREE.Mesh(
    new THREE.BufferGeometry().setFromPoints(faces),
    new THREE.MeshBasicMaterial({ color: ink, transparent: true, opacity: 0.1, depthTest: false, depthWrite: false, side: THREE.DoubleSide }),
  );
  fill.renderOrder = 6;
  return [fill, lines];
}

function ringsOf(gap: Gap): Position[][] {
  const { area } = gap;
  if (area.type === "Polygon") return area.coordinates;
  return area.type === "MultiPolygon" ? area.coordinates.flat() : [];
}

function outline(gap: Gap): number[] {
  const y = gap.elevation_m + OVER_CELLS_M;
  return ringsOf(gap).flatMap((ring) => ring.slice(1).flatMap((point, k) => [ring[k]![0]!, y, -ring[k]![1]!, point[0]!, y, -point[1]!]));
}

/** A spot in a gap to fly to: the middle of its first ring's corners. */
export function middleOf(gap: Gap): Point3 | null {
  const ring = (ringsOf(gap)[0] as Shape["coordinates"][number] | undefined) ?? [];
  if (ring.length === 0) return null;
  const sum = ring.reduce<[number, number]>((s, p) => [s[0] + p[0]!, s[1] + p[1]!], [0, 0]);
  return [sum[0] / ring.length, sum[1] / ring.length, gap.elevation_m];
}

function clear(group: THREE.Group): void {
  for (const child of [...group.children] as (THREE.Mesh | THREE.Line)[]) {
    group.remove(child);
    child.geometry.dispose();
    (child.material as THREE.Material).dispose();
  }
}
