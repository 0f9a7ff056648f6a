/** Where the camera goes when it is asked to show something. */

import * as THREE from "three";
import type { SiteIndex } from "../site_index";
import type { CameraRequest } from "../store";
import type { ObjectRef, Point3 } from "../types";
import { toThree, type Estate } from "./estate";
import type { Picker } from "./picking";
import type { Rig } from "./rig";

const FIT_LEAST_M = 25;
const HOME_SIDE = new THREE.Vector3(-0.62, 0.6, 1);
const TOP_SIDE = new THREE.Vector3(0, 1, 0.001);
const SIDES_RAD = [0, 0.6, -0.6, 1.2, -1.2, 1.9, -1.9, 2.6, -2.6, Math.PI];
const NORTH_SIDE = new THREE.Vector3(0, 0.75, 1);

export class Framing {
  constructor(
    private readonly rig: Rig,
    private readonly estate: Estate,
    private readonly picker: Picker,
    private readonly index: () => SiteIndex,
  ) {}

  obey(request: CameraRequest): void {
    switch (request.kind) {
      case "fly":
        this.flyTo(request.point_m, request.radius_m);
        return;
      case "fit":
        this.fit(request.ref);
        return;
      case "fit_all":
        this.fitAll(request.refs);
        return;
      case "reset":
        this.home();
        return;
      case "top":
        this.around(TOP_SIDE);
        return;
      case "north":
        this.around(NORTH_SIDE);
        return;
      case "zoom_in":
      case "zoom_out":
        this.rig.zoom(request.kind === "zoom_in" ? 0.7 : 1.4);
    }
  }

  home(): void {
    this.overview(HOME_SIDE);
  }

  /** The whole estate from a side, as large as it goes. */
  private overview(side: THREE.Vector3): void {
    const boxes = this.estate.mainBoxes();
    if (boxes.length > 0) this.rig.frameAll(boxes, side);
  }

  /** The same place from another side. */
  private around(side: THREE.Vector3): void {
    const away = this.rig.camera.position.distanceTo(this.rig.orbit.target);
    const target = this.rig.orbit.target.clone();
    this.rig.fly(target.clone().addScaledVector(side.clone().normalize(), away), target);
  }

  flyTo(point_m: Point3, radius_m = 12): void {
    const point = toThree(point_m);
    this.rig.frame(point, radius_m, this.clearSide(point, this.rig.away_m(radius_m)));
  }

  /** The side nearest to where one looks from now, from which a point is in sight; none where it is in sight from none. */
  private clearSide(point: THREE.Vector3, away_m: number): THREE.Vector3 | undefined {
    const now = new THREE.Spherical().setFromVector3(this.rig.camera.position.clone().sub(this.rig.orbit.target));
    for (const steep_rad of [Math.min(now.phi, 1.25), 0.7, 0.35]) {
      for (const turn_rad of SIDES_RAD) {
        const side = new THREE.Vector3().setFromSphericalCoords(1, steep_rad, now.theta + turn_rad);
        if (!this.picker.isHidden(point, point.clone().addScaledVector(side, away_m))) return side;
      }
    }
    return undefined;
  }

  private fit(ref: ObjectRef): void {
    if (ref.type === "device") {
      const k = this.index().position.get(ref.id);
      if (k !== undefined) this.flyTo(this.index().point(k), 8);
      return;
    }
    const box = this.estate.box(ref);
    if (box === null) return;
    const ball = box.getBoundingSphere(new THREE.Sphere());
    const side = ref.type === "storey" || ref.type === "space" ? new THREE.Vector3(-0.35, 1.1, 0.8) : undefined;
    this.rig.frame(ball.center, Math.max(3, ball.radius * 0.98), side);
  }

  /** All of these things at once, from about where one looks now. */
  private fitAll(refs: readonly ObjectRef[]): void {
    const all = new THREE.Box3();
    for (const ref of refs) {
      const box = this.estate.box(ref);
      if (box !== null) all.union(box);
    }
    if (all.isEmpty()) return;
    const ball = all.getBoundingSphere(new THREE.Sphere());
    this.rig.frame(ball.center, Math.max(FIT_LEAST_M, ball.radius * 1.2), HOME_SIDE);
  }
}
