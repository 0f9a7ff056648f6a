/** The field of a camera as it lies on its floor; the same poses as `geometry/poses.py`. */

import type { Point3 } from "../types";
import type { Camera, Eye } from "./types";

export interface Field {
  /** Where the field's edge meets the floor, or ends in the air. */
  rim: Point3[];
  /** Numbers of the rim's points that a line from the camera is drawn to. */
  spokes: number[];
}

const RAD = Math.PI / 180;
const ROUND = 48;
/** A field that looks level is drawn so far at most: farther it hides the estate. */
const DRAWN_M = 60;
const AIM_M = 12;

type Vector = [number, number, number];

/** Right, down and ahead of a pose in the site frame. */
export function axesOf(eye: Pick<Eye, "bearing_deg" | "tilt_deg" | "roll_deg">): [Vector, Vector, Vector] {
  const [b, t, r] = [eye.bearing_deg * RAD, eye.tilt_deg * RAD, eye.roll_deg * RAD];
  const ahead: Vector = [Math.sin(b) * Math.cos(t), Math.cos(b) * Math.cos(t), -Math.sin(t)];
  const right: Vector = [Math.cos(b), -Math.sin(b), 0];
  const down: Vector = [-Math.sin(b) * Math.sin(t), -Math.cos(b) * Math.sin(t), -Math.cos(t)];
  const mix = (p: Vector, c: number, q: Vector, s: number): Vector => [p[0] * c + q[0] * s, p[1] * c + q[1] * s, p[2] * c + q[2] * s];
  return [mix(right, Math.cos(r), down, Math.sin(r)), mix(down, Math.cos(r), right, -Math.sin(r)), ahead];
}

/** The ways along an eye's rim, of unit length in its own frame (right, down, ahead). */
function rimOf(eye: Eye): { ways: Vector[]; spokes: number[] } {
  if (eye.optics === "fisheye") {
    const half = Math.min((eye.horizontal_fov_deg / 2) * RAD, Math.PI);
    const ways = Array.from({ length: ROUND }, (_, k): Vector => {
      const turn = (2 * Math.PI * k) / ROUND;
      return [Math.sin(half) * Math.cos(turn), Math.sin(half) * Math.sin(turn), Math.cos(half)];
    });
    return { ways, spokes: [0, ROUND / 4, ROUND / 2, (3 * ROUND) / 4] };
  }
  const [x, y] = [Math.tan((eye.horizontal_fov_deg / 2) * RAD), Math.tan((eye.vertical_fov_deg / 2) * RAD)];
  const corners: [number, number][] = [[-x, -y], [x, -y], [x, y], [-x, y]];
  const ways: Vector[] = [];
  corners.forEach(([ax, ay], k) => {
    const [bx, by] = corners[(k + 1) % 4]!;
    // edges are bent where they meet the floor or end: some points between the corners
    for (let i = 0; i < 8; i++) {
      const [px, py] = [ax + ((bx - ax) * i) / 8, ay + ((by - ay) * i) / 8];
      const length = Math.hypot(px, py, 1);
      ways.push([px / length, py / length, 1 / length]);
    }
  });
  return { ways, spokes: [0, 8, 16, 24] };
}

export function fieldOf(position: Point3, eye: Eye, floor_m: number): Field {
  const [right, down, ahead] = axesOf(eye);
  const { ways, spokes } = rimOf(eye);
  const far = Math.min(eye.reach_m, DRAWN_M);
  const rim = ways.map((way): Point3 => {
    const w = [0, 1, 2].map((k) => right[k]! * way[0] + down[k]! * way[1] + ahead[k]! * way[2]) as Vector;
    const fall = w[2] < -1e-6 ? (floor_m - position[2]) / w[2] : Infinity;
    const length = Math.min(fall >= 0 ? fall : Infinity, far);
    return [position[0] + w[0] * length, position[1] + w[1] * length, position[2] + w[2] * length];
  });
  return { rim, spokes };
}

/** The point on the floor that a camera's middle falls on; for one that looks level a point ahead; null for a dome. */
export function aimOf(camera: Camera, floor_m: number): Point3 | null {
  const eye = camera.eyes[0];
  if (eye === undefined || eye.optics === "fisheye") return null;
  const [x, y, z] = camera.position_m;
  const fall = Math.tan(Math.max(eye.tilt_deg, 0) * RAD);
  const away = Math.min(fall > 1e-6 ? (z - floor_m) / fall : AIM_M, Math.min(eye.reach_m, DRAWN_M));
  return [x + Math.sin(eye.bearing_deg * RAD) * away, y + Math.cos(eye.bearing_deg * RAD) * away, floor_m];
}

/** Bearing and tilt that aim a camera at a point, to a tenth of a degree. */
export function aimedAt(position: Point3, target: Point3): { bearing_deg: number; tilt_deg: number } {
  const [east, north] = [target[0] - position[0], target[1] - position[1]];
  const bearing = ((Math.atan2(east, north) / RAD + 360) % 360);
  const tilt = Math.atan2(position[2] - target[2], Math.hypot(east, north)) / RAD;
  const tenth = (v: number): number => Math.round(v * 10) / 10;
  return { bearing_deg: tenth(bearing) % 360, tilt_deg: tenth(Math.min(90, Math.max(-90, tilt))) };
}
