/** What can be selected by itself, and how each of it is drawn now: one texel a row, read by the shaders. */

import * as THREE from "three";
import type { ObjectRef, ObjectType } from "../types";
import type { ObjectColumns } from "./glb";

export const HIDDEN = 1;
/** Its outside is not drawn, because its inside is. */
export const OPENED = 2;
export const SELECTED = 4;
export const HOVERED = 8;
/** Only its lines are drawn, faintly. */
export const OUTLINED = 16;
/** Drawn as a broken line: what lies over the estate has no value for it. */
export const DASHED = 32;

export const TEXTURE_WIDTH = 1024;
/** Heights at which walls are cut, in steps of the texture. */
export const CUT_STEP_M = 0.02;
/** Least widths of shaded pipes, in steps of the texture. */
export const WIDTH_STEP_PX = 0.1;

export class ObjectTable {
  readonly count: number;
  readonly texture: THREE.DataTexture;
  private readonly firstChild: Int32Array;
  private readonly nextSibling: Int32Array;
  private readonly rows = new Map<string, number>();
  private readonly texels: Uint8Array;

  constructor(private readonly columns: ObjectColumns) {
    const n = (this.count = columns.id.length);
    const height = Math.max(1, Math.ceil(n / TEXTURE_WIDTH));
    this.texels = new Uint8Array(TEXTURE_WIDTH * height * 4);
    this.texture = new THREE.DataTexture(this.texels, TEXTURE_WIDTH, height, THREE.RGBAFormat, THREE.UnsignedByteType);
    this.texture.needsUpdate = true;
    this.firstChild = new Int32Array(n).fill(-1);
    this.nextSibling = new Int32Array(n).fill(-1);
    for (let row = n - 1; row >= 0; row--) {
      this.rows.set(`${this.type(row)}:${columns.id[row]!}`, row);
      const parent = columns.parent[row]!;
      if (parent < 0) continue;
      this.nextSibling[row] = this.firstChild[parent]!;
      this.firstChild[parent] = row;
    }
  }

  type(row: number): ObjectType {
    return this.columns.types[this.columns.type[row]!] as ObjectType;
  }

  id(row: number): string {
    return this.columns.id[row]!;
  }

  ref(row: number): ObjectRef {
    return { type: this.type(row), id: this.id(row) };
  }

  row(type: ObjectType, id: string): number {
    return this.rows.get(`${type}:${id}`) ?? -1;
  }

  parent(row: number): number {
    return this.columns.parent[row]!;
  }

  /** The row itself or what it is part of, of that type; -1 where there is none. */
  within(row: number, type: ObjectType): number {
    while (row >= 0 && this.type(row) !== type) row = this.parent(row);
    return row;
  }

  flags(row: number): number {
    return row < 0 ? 0 : this.texels[row * 4]!;
  }

  /** Height above its floor at which a row's walls are cut; infinite where they are whole. [m] */
  cut_m(row: number): number {
    const steps = row < 0 ? 0 : this.texels[row * 4 + 1]!;
    return steps === 0 ? Infinity : steps * CUT_STEP_M;
  }

  /** Clear these flags everywhere, and all cuts if the walls are to be whole again. */
  clear(flags: number, cuts = false): void {
    for (let k = 0; k < this.count; k++) {
      this.texels[k * 4]! &= ~flags;
      if (cuts) this.texels[k * 4 + 1] = 0;
    }
    this.texture.needsUpdate = true;
  }

  /** Set flags on a row and all within it. */
  mark(row: number, flags: number): void {
    this.each(row, (k) => {
      this.texels[k * 4]! |= flags;
    });
  }

  /** Cut the walls of a storey and all within it. */
  cut(row: number, height_m: number): void {
    const steps = Number.isFinite(height_m) ? Math.min(255, Math.round(height_m / CUT_STEP_M)) : 0;
    this.each(row, (k) => {
      this.texels[k * 4 + 1] = steps;
    });
  }

  /** Colour a row from the ramp, 0 to 1, and draw it at least this wide. */
  shade(row: number, { level, width_px, dashed = false }: { level: number; width_px: number; dashed?: boolean }): void {
    if (row < 0) return;
    this.texels[row * 4 + 2] = 1 + Math.round(Math.min(1, Math.max(0, level)) * 254);
    this.texels[row * 4 + 3] = Math.min(255, Math.round(width_px / WIDTH_STEP_PX));
    if (dashed) this.texels[row * 4]! |= DASHED;
    this.texture.needsUpdate = true;
  }

  isShaded(row: number): boolean {
    return row >= 0 && this.texels[row * 4 + 2]! > 0;
  }

  clearShades(): void {
    for (let k = 0; k < this.count; k++) {
      this.texels[k * 4]! &= ~DASHED;
      this.texels[k * 4 + 2] = this.texels[k * 4 + 3] = 0;
    }
    this.texture.needsUpdate = true;
  }

  private each(row: number, change: (row: number) => void): void {
    if (row < 0) return;
    change(row);
    for (let k = this.firstChild[row]!; k >= 0; k = this.nextSibling[k]!) this.each(k, change);
    this.texture.needsUpdate = true;
  }
}
