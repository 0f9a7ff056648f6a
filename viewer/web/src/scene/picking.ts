/** What is under the cursor: devices first, then the nearest surface that is really drawn. */

import * as THREE from "three";
import { MeshBVH } from "three-mesh-bvh";
import type { ObjectRef } from "../types";
import type { Devices } from "./devices";
import { placing, type Estate, type Solid } from "./estate";
import { HIDDEN, OPENED, OUTLINED } from "./objects";
import type { Obstacle } from "./walking";

/** How far beside a sign one may point. [CSS px] */
const NEAR_PX = 5;
const DOT_PX = 4;
const PIPE_PX = 5;
/** Matter of what opens, from and to (viewer/scene/palette.py): doors, and doors of glass. */
const DOORS = [[233, 247], [165, 171]] as const;

export interface Hit {
  row: number;
  solid: Solid;
  point: THREE.Vector3;
  distance_m: number;
  /** Of the face that was hit, on either of its sides, three's frame. */
  normal: THREE.Vector3;
}

export class Picker {
  private readonly trees = new WeakMap<THREE.BufferGeometry, MeshBVH>();
  private readonly inverse = new THREE.Matrix4();
  private readonly local = new THREE.Ray();
  private readonly box = new THREE.Box3();
  private readonly at = new THREE.Vector3();

  constructor(
    private readonly estate: Estate,
    public devices: Devices,
  ) {}

  /** The nearest drawn surface along a ray, within a distance. */
  surface(ray: THREE.Ray, within_m = Infinity, includeThrough = false): Hit | null {
    let best: Hit | null = null;
    for (const solid of this.estate.solids) {
      if (!solid.mesh.visible || solid.part.role === "furniture") continue;
      if (!includeThrough && (solid.mesh.material as THREE.Material).transparent) continue;
      const hit = this.solid(solid, ray, best?.distance_m ?? within_m);
      if (hit !== null) best = hit;
    }
    return best;
  }

  /** The nearest thing along a ray that one on foot cannot pass: of façades and insides all but doors. */
  obstacle(ray: THREE.Ray, within_m: number): Obstacle | null {
    let best: Hit | null = null;
    for (const solid of this.estate.solids) {
      const { role, geometry } = solid.part;
      if (!solid.mesh.visible || (role !== "shell" && role !== "interior")) continue;
      const isShut = (vertex: number): boolean => {
        const matter = geometry.colours[vertex * 4 + 3]!;
        return !DOORS.some(([from, to]) => matter >= from && matter <= to);
      };
      const hit = this.solid(solid, ray, best?.distance_m ?? within_m, isShut);
      if (hit !== null) best = hit;
    }
    return best;
  }

  private solid(solid: Solid, ray: THREE.Ray, within_m: number, counts: (vertex: number) => boolean = () => true): Hit | null {
    const { part, mesh } = solid;
    const geometry = mesh.geometry;
    const hiding = solid.layer === "outside" ? HIDDEN | OPENED | OUTLINED : solid.layer === "inside" ? HIDDEN | OUTLINED : HIDDEN;
    let best: Hit | null = null;
    const placings = part.placings === null ? [-1] : solid.shown;
    for (const k of placings) {
      const base = k < 0 ? 0 : part.placings!.objects[k]!;
      if (k >= 0 && (this.estate.objects.flags(base) & hiding) !== 0 && part.role !== "tree") continue;
      const matrix = k < 0 ? mesh.matrixWorld : placing(part, k);
      this.box.copy(geometry.boundingBox!).applyMatrix4(matrix);
      if (ray.intersectBox(this.box, this.at) === null && !this.box.containsPoint(ray.origin)) continue;
      this.local.copy(ray).applyMatrix4(this.inverse.copy(matrix).invert());
      const hits = this.tree(geometry).raycast(this.local, THREE.DoubleSide);
      for (const hit of hits) {
        const vertex = geometry.index!.getX(hit.faceIndex! * 3);
        if (!counts(vertex)) continue;
        const own = part.geometry.objects[vertex]!;
        const row = own < 0 ? -1 : own + base;
        if ((this.estate.objects.flags(row) & hiding) !== 0) continue;
        if (solid.layer === "inside" && hit.point.y > this.estate.objects.cut_m(row) + 0.01) continue;
        const point = hit.point.clone().applyMatrix4(matrix);
        const distance_m = point.distanceTo(ray.origin);
        if (this.estate.section.distanceToPoint(point) < 0 || distance_m >= (best?.distance_m ?? within_m)) continue;
        const normal = hit.face!.normal.clone().transformDirection(matrix);
        best = { row, solid, point, distance_m, normal };
      }
    }
    return best;
  }

  private tree(geometry: THREE.BufferGeometry): MeshBVH {
    let tree = this.trees.get(geometry);
    if (tree === undefined) this.trees.set(geometry, (tree = new MeshBVH(geometry)));
    return tree;
  }

  /** Whether something opaque stands between the eye and a point. */
  isHidden(point: THREE.Vector3, eye: THREE.Vector3): boolean {
    const origin = eye.clone();
    const direction = point.clone().sub(origin);
    const distance_m = direction.length();
    const ray = new THREE.Ray(origin, direction.normalize());
    const slack_m = Math.min(0.7, distance_m * 0.1);
    return this.surface(ray, distance_m - slack_m) !== null;
  }

  /**
   * The device under a point of the view, or -1.
   *
   * A sign that is in sight wins over one that shines through a wall, the nearer over the farther.
   */
  device(x: number, y: number, width: number, height: number, camera: THREE.PerspectiveCamera, focal_px: number): number {
    const near: { k: number; away_px: number; distance_m: number; size_px: number }[] = [];
    const matrix = new THREE.Matrix4().multiplyMatrices(camera.projectionMatrix, camera.matrixWorldInverse);
    const eye = camera.position;
    const point = new THREE.Vector3();
    for (let k = 0; k < this.devices.count; k++) {
      if (!this.devices.isShown(k)) continue;
      point.fromArray(this.devices.places, k * 3);
      const distance_m = point.distanceTo(eye);
      if (this.estate.section.distanceToPoint(point) < 0) continue;
      point.applyMatrix4(matrix);
      if (point.z < -1 || point.z > 1) continue;
      const away_px = Math.hypot(((point.x + 1) / 2) * width - x, ((1 - point.y) / 2) * height - y);
      const size_px = this.devices.hasAlarm(k) ? 22 : this.devices.size_px(distance_m, focal_px);
      if (away_px <= size_px / 2 + NEAR_PX) near.push({ k, away_px, distance_m, size_px });
    }
    near.sort((a, b) => a.away_px - b.away_px || a.distance_m - b.distance_m);
    for (const one of near.slice(0, 12)) {
      if (this.devices.hasAlarm(one.k)) return one.k;
      if (!this.isHidden(point.fromArray(this.devices.places, one.k * 3), eye)) return one.k;
    }
    const dot = this.devices.throughWalls ? near.find((one) => one.away_px <= DOT_PX) : undefined;
    return dot === undefined ? -1 : dot.k;
  }

  /**
   * The row of the pipe whose line passes within a few pixels of a point of the view, or -1.
   *
   * From where one sees an estate a pipe is thinner than a pixel; what lies over the estate draws it wider.
   */
  pipe(x: number, y: number, width: number, height: number, camera: THREE.PerspectiveCamera): number {
    const matrix = new THREE.Matrix4().multiplyMatrices(camera.projectionMatrix, camera.matrixWorldInverse);
    const [a, b, at] = [new THREE.Vector3(), new THREE.Vector3(), new THREE.Vector3()];
    const near: { row: number; away_px: number; point: THREE.Vector3 }[] = [];
    for (const { part, mesh, shown } of this.estate.solids) {
      if (part.role !== "pipes" || !mesh.visible) continue;
      for (const k of shown) {
        const row = part.placings!.objects[k]!;
        if ((this.estate.objects.flags(row) & HIDDEN) !== 0) continue;
        const place = placing(part, k);
        a.set(0, 0, 0).applyMatrix4(place);
        b.set(0, 1, 0).applyMatrix4(place);
        const along = nearestAlong(at.copy(a).applyMatrix4(matrix), b.clone().applyMatrix4(matrix), (x / width) * 2 - 1, 1 - (y / height) * 2, width / height);
        if (along === null) continue;
        const point = a.clone().lerp(b, along);
        at.copy(point).applyMatrix4(matrix);
        const away_px = Math.hypot(((at.x + 1) / 2) * width - x, ((1 - at.y) / 2) * height - y);
        if (away_px <= PIPE_PX && at.z < 1) near.push({ row, away_px, point });
      }
    }
    // what is coloured is meant rather than what stands back beside it
    const { objects } = this.estate;
    near.sort((p, q) => Number(objects.isShaded(q.row)) - Number(objects.isShaded(p.row)) || p.away_px - q.away_px);
    return near.find((one) => !this.isHidden(one.point, camera.position))?.row ?? -1;
  }

  /** What a surface that was hit stands for: a façade for its building, a floor for its room. */
  meaning(hit: Hit, selection: ObjectRef | null, isolated: boolean): ObjectRef | null {
    const { objects } = this.estate;
    if (hit.row < 0) return null;
    if (hit.solid.layer !== "outside") return objects.ref(hit.row);
    const building = objects.within(hit.row, "building");
    const storey = objects.within(hit.row, "storey");
    if (building < 0) return objects.ref(hit.row);
    // a second click on the same building goes down to the storey
    const inside = selection === null ? -1 : objects.within(objects.row(selection.type, selection.id), "building");
    return objects.ref((isolated || inside === building) && storey >= 0 ? storey : building);
  }
}

/** How far along a line seen in perspective, 0 to 1 in space, it comes nearest to a point of the view; null behind the eye. */
function nearestAlong(a: THREE.Vector3, b: THREE.Vector3, x: number, y: number, aspect: number): number | null {
  if (a.z > 1 || b.z > 1) return null;
  const [dx, dy] = [(b.x - a.x) * aspect, b.y - a.y];
  const length2 = dx * dx + dy * dy;
  if (length2 < 1e-12) return 0;
  const t = Math.min(1, Math.max(0, ((x - a.x) * aspect * dx + (y - a.y) * dy) / length2));
  // an even step on the screen is none in depth: weigh the ends by their nearness
  const [wa, wb] = [1 - a.z, 1 - b.z];
  return (t * wb) / ((1 - t) * wa + t * wb) || 0;
}
