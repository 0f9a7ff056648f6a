/** The camera: around a point or on foot, by pointer, touch and keys, and flying where it is asked to. */

import * as THREE from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import { stepBy, type Meet } from "./walking";

const EYE_M = 1.65;
const WALK_M_PER_S = 2.4;
const RUN_RATIO = 3;
const FLY_S = 0.75;
const LOOK_RAD_PER_PX = 0.0042;

interface Flight {
  from: THREE.Vector3;
  to: THREE.Vector3;
  fromTarget: THREE.Vector3;
  toTarget: THREE.Vector3;
  start_s: number;
}

export class Rig {
  readonly camera = new THREE.PerspectiveCamera(38, 1, 0.5, 20_000);
  readonly orbit: OrbitControls;
  private flight: Flight | null = null;
  private walking = false;
  private shown_ratio = 1;
  private yaw_rad = 0;
  private pitch_rad = 0;
  private readonly held = new Set<string>();
  private dragging: { id: number; x: number; y: number } | null = null;
  private before_s = 0;
  /** The ground or floor under a point on foot. */
  groundAt: (x: number, z: number, y: number) => number = () => 0;
  /** What one meets along a ray, on foot. */
  meet: Meet = () => null;
  isFree: (x: number, z: number) => boolean = () => true;

  constructor(
    private readonly element: HTMLElement,
    private readonly changed: () => void,
    private readonly swift: boolean,
  ) {
    this.orbit = new OrbitControls(this.camera, element);
    this.orbit.enableDamping = false;
    this.orbit.zoomToCursor = true;
    this.orbit.screenSpacePanning = false;
    this.orbit.minDistance = 1.2;
    this.orbit.maxDistance = 2600;
    this.orbit.maxPolarAngle = Math.PI * 0.495;
    this.orbit.addEventListener("change", changed);
    this.orbit.addEventListener("start", this.interrupt);
    element.addEventListener("keydown", this.onKey);
    element.addEventListener("keyup", this.onKey);
    element.addEventListener("blur", this.release);
    element.addEventListener("pointerdown", this.onDown);
    element.addEventListener("pointermove", this.onMove);
    element.addEventListener("pointerup", this.onUp);
    element.addEventListener("pointercancel", this.onUp);
  }

  get moving(): boolean {
    return this.flight !== null || (this.walking && this.held.size > 0);
  }

  /** Fly so that a ball of this radius fills the view, from where one looks now or from a given side. */
  frame(centre: THREE.Vector3, radius_m: number, side?: THREE.Vector3): void {
    const away_m = this.away_m(radius_m);
    const direction = side?.clone() ?? this.camera.position.clone().sub(this.orbit.target);
    if (direction.lengthSq() < 1e-6) direction.set(0.5, 0.6, 1);
    direction.normalize();
    if (side === undefined) {
      direction.y = Math.max(direction.y, 0.3);
      direction.normalize();
    }
    this.fly(centre.clone().addScaledVector(direction, away_m), centre);
  }

  /** The canvas' size, and how much of it is covered from below: what is looked at stands in the middle of the rest. */
  resize(width_px: number, height_px: number, covered_px: number): void {
    const covered = Math.min(Math.max(0, covered_px), 0.85 * height_px);
    this.shown_ratio = 1 - covered / height_px;
    this.camera.aspect = width_px / height_px;
    if (covered > 0) this.camera.setViewOffset(width_px, height_px, 0, covered / 2, width_px, height_px);
    else this.camera.clearViewOffset();
    this.camera.updateProjectionMatrix();
    this.changed();
  }

  /** Show all boxes from a side, with a little room around them; one looks at their middle. */
  frameAll(boxes: readonly THREE.Box3[], side: THREE.Vector3): void {
    const whole = boxes.reduce((all, box) => all.union(box), new THREE.Box3());
    const centre = whole.getCenter(new THREE.Vector3());
    const ahead = side.clone().normalize();
    const right = new THREE.Vector3(0, 1, 0).cross(ahead).normalize();
    const up = ahead.clone().cross(right);
    const half = Math.tan((this.camera.fov / 2) * THREE.MathUtils.DEG2RAD) * 0.94;
    const [tall, wide] = [half * this.shown_ratio, half * this.camera.aspect];
    let away_m = 1;
    for (let k = 0; k < 8 * boxes.length; k++) {
      const { min, max } = boxes[k >> 3]!;
      const corner = new THREE.Vector3(k & 1 ? max.x : min.x, k & 2 ? max.y : min.y, k & 4 ? max.z : min.z).sub(centre);
      const reach = Math.max(Math.abs(corner.dot(right)) / wide, Math.abs(corner.dot(up)) / tall);
      away_m = Math.max(away_m, corner.dot(ahead) + reach);
    }
    this.fly(centre.clone().addScaledVector(ahead, away_m), centre);
  }

  /** How far one must be for a ball of this radius to fill the view. */
  away_m(radius_m: number): number {
    const half = Math.tan((this.camera.fov / 2) * THREE.MathUtils.DEG2RAD);
    const narrow = Math.atan(half * Math.min(this.shown_ratio, this.camera.aspect));
    return Math.max(radius_m, 0.8) / Math.sin(narrow);
  }

  fly(to: THREE.Vector3, toTarget: THREE.Vector3): void {
    if (this.walking) this.setWalking(false);
    const from = this.camera.position.clone();
    const calm = this.swift || window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (calm || from.lengthSq() === 0) {
      this.camera.position.copy(to);
      this.orbit.target.copy(toTarget);
      this.flight = null;
      this.orbit.update();
      this.changed();
      return;
    }
    this.flight = { from, to, fromTarget: this.orbit.target.clone(), toTarget, start_s: performance.now() / 1000 };
    this.changed();
  }

  zoom(ratio: number): void {
    const away = this.camera.position.clone().sub(this.orbit.target).multiplyScalar(ratio);
    this.fly(this.orbit.target.clone().add(away), this.orbit.target.clone());
  }

  setWalking(on: boolean): void {
    if (on === this.walking) return;
    this.walking = on;
    this.orbit.enabled = !on;
    this.flight = null;
    const look = this.orbit.target.clone().sub(this.camera.position);
    if (on) {
      const distance_m = look.length();
      this.yaw_rad = Math.atan2(-look.x, -look.z);
      this.pitch_rad = 0.06;
      const { x, z, y } = this.orbit.target;
      const back = look.setY(0).normalize().multiplyScalar(-2);
      this.camera.position.set(x, 0, z);
      // from far one starts in the open; from near, where one looks
      const near = distance_m < 40;
      for (let k = 0; k < 60 && !near && !this.isFree(this.camera.position.x, this.camera.position.z); k++) {
        this.camera.position.add(back);
      }
      this.camera.position.y = this.groundAt(this.camera.position.x, this.camera.position.z, y + 1) + EYE_M;
      this.camera.fov = 62;
      this.turn();
    } else {
      const forward = new THREE.Vector3();
      this.camera.getWorldDirection(forward);
      this.orbit.target.copy(this.camera.position).addScaledVector(forward, 12);
      this.camera.fov = 38;
      this.orbit.update();
    }
    this.camera.updateProjectionMatrix();
    this.changed();
  }

  /** Go on with what is moving; call before each frame. */
  advance(now_s: number): void {
    const step_s = Math.min(0.1, Math.max(0, now_s - this.before_s));
    this.before_s = now_s;
    if (this.flight !== null) {
      const t = Math.min(1, (now_s - this.flight.start_s) / FLY_S);
      const eased = t < 0.5 ? 4 * t * t * t : 1 - (-2 * t + 2) ** 3 / 2;
      this.camera.position.lerpVectors(this.flight.from, this.flight.to, eased);
      this.orbit.target.lerpVectors(this.flight.fromTarget, this.flight.toTarget, eased);
      if (t >= 1) this.flight = null;
      this.orbit.update();
    }
    if (this.walking && this.held.size > 0) this.step(step_s);
    const away_m = this.walking ? 2 : this.camera.position.distanceTo(this.orbit.target);
    const near = Math.min(4, Math.max(0.1, away_m / 60));
    if (Math.abs(near - this.camera.near) > 0.05 * near) {
      this.camera.near = near;
      this.camera.updateProjectionMatrix();
    }
  }

  private step(step_s: number): void {
    const on = (...codes: string[]): number => (codes.some((c) => this.held.has(c)) ? 1 : 0);
    const ahead = on("KeyW", "ArrowUp") - on("KeyS", "ArrowDown");
    const aside = on("KeyD") - on("KeyA");
    this.yaw_rad += (on("ArrowLeft") - on("ArrowRight")) * 1.6 * step_s;
    const speed = WALK_M_PER_S * (on("ShiftLeft", "ShiftRight") ? RUN_RATIO : 1);
    const way = new THREE.Vector3(aside, 0, -ahead).applyAxisAngle(new THREE.Vector3(0, 1, 0), this.yaw_rad);
    if (way.lengthSq() > 0) {
      const feet = this.camera.position.clone().setY(this.camera.position.y - EYE_M);
      this.camera.position.add(stepBy(feet, way.normalize().multiplyScalar(speed * step_s), this.meet));
    }
    const climb = on("KeyE", "PageUp") - on("KeyQ", "PageDown");
    if (climb !== 0) this.camera.position.y = Math.max(-20, this.camera.position.y + climb * 3 * step_s);
    else {
      const floor = this.groundAt(this.camera.position.x, this.camera.position.z, this.camera.position.y) + EYE_M;
      const change = floor - this.camera.position.y;
      this.camera.position.y += Math.abs(change) < 0.6 || change > 0 ? change : Math.max(change, -6 * step_s);
    }
    this.turn();
  }

  private turn(): void {
    this.camera.rotation.set(this.pitch_rad, this.yaw_rad, 0, "YXZ");
    this.camera.updateMatrixWorld();
  }

  private readonly interrupt = (): void => {
    this.flight = null;
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const walks = /^(Key[WASDQE]|Arrow(Up|Down|Left|Right)|Page(Up|Down)|Shift(Left|Right))$/.test(event.code);
    if (this.walking && walks) {
      if (event.type === "keydown") this.held.add(event.code);
      else this.held.delete(event.code);
      event.preventDefault();
      event.stopPropagation();
      this.before_s = performance.now() / 1000;
      this.changed();
      return;
    }
    if (event.type !== "keydown") return;
    const turn = { ArrowLeft: [-0.09, 0], ArrowRight: [0.09, 0], ArrowUp: [0, -0.06], ArrowDown: [0, 0.06] }[event.code];
    if (turn === undefined) return;
    const around = new THREE.Spherical().setFromVector3(this.camera.position.clone().sub(this.orbit.target));
    around.theta += turn[0]!;
    around.phi = THREE.MathUtils.clamp(around.phi + turn[1]!, 0.02, this.orbit.maxPolarAngle);
    this.camera.position.copy(this.orbit.target).add(new THREE.Vector3().setFromSpherical(around));
    this.orbit.update();
    event.preventDefault();
    this.changed();
  };

  private readonly release = (): void => this.held.clear();

  private readonly onDown = (event: PointerEvent): void => {
    if (this.walking) this.dragging = { id: event.pointerId, x: event.clientX, y: event.clientY };
  };

  private readonly onMove = (event: PointerEvent): void => {
    if (this.dragging === null || event.pointerId !== this.dragging.id) return;
    this.yaw_rad += (event.clientX - this.dragging.x) * LOOK_RAD_PER_PX;
    this.pitch_rad = THREE.MathUtils.clamp(this.pitch_rad + (event.clientY - this.dragging.y) * LOOK_RAD_PER_PX, -1.4, 1.4);
    this.dragging = { id: event.pointerId, x: event.clientX, y: event.clientY };
    this.turn();
    this.changed();
  };

  private readonly onUp = (): void => {
    this.dragging = null;
  };

  dispose(): void {
    this.orbit.dispose();
    for (const [name, listener] of [
      ["keydown", this.onKey], ["keyup", this.onKey], ["blur", this.release], ["pointerdown", this.onDown],
      ["pointermove", this.onMove], ["pointerup", this.onUp], ["pointercancel", this.onUp],
    ] as [string, EventListener][]) {
      this.element.removeEventListener(name, listener);
    }
  }
}
