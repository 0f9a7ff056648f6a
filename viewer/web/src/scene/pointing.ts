/** What the pointer means: hovering, selecting, going there; and where things are in the window. */

import * as THREE from "three";
import type { SiteIndex } from "../site_index";
import { asking } from "../coverage/sightings";
import { drawing } from "../coverage/way";
import type { Store } from "../store";
import type { ObjectRef, Point3 } from "../types";
import { toThree, type Estate } from "./estate";
import type { Picker } from "./picking";

const CLICK_PX = 5;

export class Pointing {
  private readonly endings: (() => void)[] = [];
  private pressed: { x: number; y: number; id: number } | null = null;
  private pointed = 0;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly camera: THREE.PerspectiveCamera,
    private readonly store: Store,
    private readonly estate: Estate,
    private readonly picker: Picker,
    private readonly index: () => SiteIndex,
    private readonly focal_px: () => number,
    /** So long the pointer must rest before what is under it is looked for. */
    private readonly wait_ms: number,
  ) {
    this.listen();
  }

  /** Where a point of the site frame is in the window. [CSS px] */
  project(point_m: Point3): { x: number; y: number; visible: boolean } {
    const point = toThree(point_m);
    const { camera } = this;
    camera.updateMatrixWorld();
    const at = point.clone().project(camera);
    const frame = this.canvas.getBoundingClientRect();
    const x = frame.left + ((at.x + 1) / 2) * frame.width;
    const y = frame.top + ((1 - at.y) / 2) * frame.height;
    const inside = at.z > -1 && at.z < 1 && Math.abs(at.x) < 1 && Math.abs(at.y) < 1;
    return { x, y, visible: inside && !this.picker.isHidden(point, camera.position) };
  }

  /** What is at a place of the window. */
  pick(x: number, y: number): ObjectRef | null {
    const { camera } = this;
    camera.updateMatrixWorld();
    const frame = this.canvas.getBoundingClientRect();
    const device = this.picker.device(x - frame.left, y - frame.top, frame.width, frame.height, camera, this.focal_px());
    if (device >= 0) return { type: "device", id: this.index().devices.id[device]! };
    const pointer = new THREE.Vector2(((x - frame.left) / frame.width) * 2 - 1, 1 - ((y - frame.top) / frame.height) * 2);
    const caster = new THREE.Raycaster();
    caster.setFromCamera(pointer, camera);
    const solid = this.picker.surface(caster.ray);
    const seenThrough = this.store.overlay.peek() !== null || this.store.xray.peek();
    if (seenThrough && solid?.solid.part.role !== "pipes") {
      const pipe = this.picker.pipe(x - frame.left, y - frame.top, frame.width, frame.height, camera);
      if (pipe >= 0) return this.estate.objects.ref(pipe);
    }
    const hit = solid ?? this.picker.surface(caster.ray, Infinity, true);
    return hit === null ? null : this.picker.meaning(hit, this.store.selection.peek(), this.store.isolation.peek() !== null);
  }

  private listen(): void {
    const on = <K extends keyof HTMLElementEventMap>(type: K, listener: (event: HTMLElementEventMap[K]) => void): void => {
      this.canvas.addEventListener(type, listener);
      this.endings.push(() => this.canvas.removeEventListener(type, listener));
    };
    on("pointerdown", (event) => {
      this.pressed = event.isPrimary && event.button === 0 ? { x: event.clientX, y: event.clientY, id: event.pointerId } : null;
    });
    on("pointerup", (event) => {
      const start = this.pressed;
      this.pressed = null;
      if (start === null || start.id !== event.pointerId) return;
      if (Math.hypot(event.clientX - start.x, event.clientY - start.y) > CLICK_PX) return;
      if (asking.peek() || drawing.peek()) return; // the click asks who sees there, or goes there
      this.store.select(this.pick(event.clientX, event.clientY));
    });
    on("dblclick", (event) => {
      const ref = this.pick(event.clientX, event.clientY);
      if (ref !== null) this.store.fit(ref);
    });
    on("pointermove", (event) => {
      if (event.pointerType !== "mouse" || event.buttons !== 0) return;
      clearTimeout(this.pointed);
      this.pointed = window.setTimeout(() => this.point(event.clientX, event.clientY), this.wait_ms);
    });
    on("pointerleave", () => {
      clearTimeout(this.pointed);
      this.store.hover.value = null;
    });
    this.endings.push(() => clearTimeout(this.pointed));
  }

  private point(x: number, y: number): void {
    const ref = this.pick(x, y);
    const before = this.store.hover.peek();
    if (ref?.id !== before?.id || ref?.type !== before?.type) this.store.hover.value = ref;
    this.canvas.style.cursor = ref === null ? "" : "pointer";
  }

  dispose(): void {
    for (const end of this.endings) end();
  }
}
