/** The live view: a canvas that draws only when something changed, and all that the store wishes of it. */

import { effect } from "@preact/signals";
import * as THREE from "three";
import type { SiteIndex } from "../site_index";
import type { Store } from "../store";
import type { ObjectRef, Point3 } from "../types";
import { Arrows } from "./arrows";
import { watchCoverage, type CoverageView } from "./coverage_view";
import { colourOf, Daylight } from "./daylight";
import { Devices } from "./devices";
import { Estate, toSite } from "./estate";
import { Framing } from "./framing";
import type { SceneFile } from "./glb";
import { Labels } from "./labels";
import { labelsOf } from "./naming";
import { HOVERED, SELECTED } from "./objects";
import { Picker } from "./picking";
import { Pointing } from "./pointing";
import { Rig } from "./rig";
import { Shading } from "./shading";
import { still } from "./still";
import { applyWishes, NETWORK_SYSTEMS, storeyAt } from "./visibility";
import { watchEvacuation, type EvacuationView } from "./evacuation_view";
import { watchWays, type WaysView } from "./ways_view";

const PULSE_S = 1.6;
const PULSE_FRAME_MS = 70;
const STEP_BACK_M = 5;

export type Quality = "low" | "high";

export interface Stats {
  draw_calls: number;
  triangles: number;
  frames: number;
  devices: number;
  devices_shown: number;
  objects: number;
  arrows: number;
  quality: Quality;
}

export class View {
  readonly renderer: THREE.WebGLRenderer;
  readonly rig: Rig;
  private readonly scene = new THREE.Scene();
  private readonly estate: Estate;
  private readonly picker: Picker;
  private readonly labels: Labels;
  private readonly shading: Shading;
  private readonly arrows: Arrows;
  private readonly daylight: Daylight;
  private readonly framing: Framing;
  private readonly pointing: Pointing;
  private devices: Devices;
  private readonly coverage: CoverageView;
  private readonly ways: WaysView;
  private readonly evacuation: EvacuationView;
  private readonly endings: (() => void)[] = [];
  private asked = 0;
  private pulse = 0;
  private frames = 0;
  private width = 1;
  private height = 1;
  private standing: string | null = null;

  constructor(
    private readonly host: HTMLElement,
    private readonly store: Store,
    private index: SiteIndex,
    file: SceneFile,
    readonly quality: Quality,
  ) {
    const high = quality === "high";
    this.renderer = new THREE.WebGLRenderer({ antialias: high, alpha: true, powerPreference: "high-performance" });
    this.renderer.setPixelRatio(Math.min(window.devicePixelRatio, high ? 2 : 1));
    this.renderer.localClippingEnabled = true;
    this.renderer.shadowMap.enabled = high;
    this.renderer.shadowMap.autoUpdate = false;
    this.renderer.setClearAlpha(0);
    const canvas = this.renderer.domElement;
    canvas.className = "scene-canvas";
    canvas.style.cssText = "display:block;width:100%;height:100%;touch-action:none;outline-offset:-3px";
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    host.append(canvas);
    this.rig = new Rig(canvas, this.ask, !high);
    this.estate = new Estate(file, high);
    this.devices = new Devices(index);
    this.picker = new Picker(this.estate, this.devices);
    this.labels = new Labels(host);
    this.shading = new Shading(this.estate);
    this.arrows = new Arrows(this.estate);
    this.daylight = new Daylight(this.estate, high);
    const indexNow = (): SiteIndex => this.index;
    this.framing = new Framing(this.rig, this.estate, this.picker, indexNow);
    this.pointing = new Pointing(canvas, this.rig.camera, store, this.estate, this.picker, indexNow, () => this.focal_px, high ? 24 : 120);
    this.scene.add(this.estate.root, this.shading.volumes.root, this.arrows.root, this.devices.root, ...this.daylight.lights);
    this.coverage = watchCoverage({ scene: this.scene, rig: this.rig, canvas, store, ask: this.ask, surface: (ray) => this.picker.surface(ray)?.point ?? null, colour: colourOf });
    this.ways = watchWays({ scene: this.scene, ask: this.ask, colour: colourOf });
    this.evacuation = watchEvacuation({ scene: this.scene, store, ask: this.ask, colour: colourOf });
    this.rig.groundAt = (x, z, y) => {
      const down = new THREE.Ray(new THREE.Vector3(x, y, z), new THREE.Vector3(0, -1, 0));
      return this.picker.surface(down)?.point.y ?? Math.min(0, y);
    };
    this.rig.meet = (ray, within_m) => this.picker.obstacle(ray, within_m);
    this.rig.isFree = (x, z) => this.isFree(x, z);
    this.listen(canvas);
    this.resize();
    this.framing.home();
    this.subscribe();
  }

  /** Draw once more, at the next chance. */
  readonly ask = (): void => {
    if (this.asked === 0) this.asked = requestAnimationFrame(this.draw);
  };

  private readonly draw = (): void => {
    this.asked = 0;
    const now_s = performance.now() / 1000;
    this.rig.advance(now_s);
    this.follow();
    const { camera } = this.rig;
    camera.updateMatrixWorld();
    this.estate.culling?.update(camera);
    const focal_px = this.focal_px;
    this.estate.uniforms.uPixel.value = 1 / focal_px;
    this.devices.setViewport(this.width, this.height, this.renderer.getPixelRatio(), focal_px);
    const calm = this.quality === "low" || window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.devices.setPulse(calm ? 0.45 : (now_s % PULSE_S) / PULSE_S);
    this.coverage.draw(focal_px);
    const walking = this.evacuation.advance(now_s, calm);
    const flowing = this.arrows.advance(now_s, calm) || walking;
    this.renderer.render(this.scene, camera);
    this.labels.place(camera, this.width, this.height);
    this.frames++;
    if (this.rig.moving) this.ask();
    else if ((this.devices.alarms > 0 || flowing) && !calm && !document.hidden && this.pulse === 0) {
      this.pulse = window.setTimeout(() => {
        this.pulse = 0;
        this.ask();
      }, PULSE_FRAME_MS);
    }
  };

  /** On foot, the storey in which one stands is open. */
  private follow(): void {
    const walking = this.store.viewMode.peek() === "walk";
    const standing = walking ? storeyAt(this.estate, this.index, this.rig.camera.position) : null;
    if (standing === this.standing) return;
    this.standing = standing;
    this.show();
  }

  /** Whether one stands in the open there, a few steps from every building. */
  private isFree(x: number, z: number): boolean {
    return this.index.buildings.every((building) => {
      const box = this.estate.box({ type: "building", id: building.id });
      if (box === null || box.max.y < 0.5) return true;
      return x < box.min.x - STEP_BACK_M || x > box.max.x + STEP_BACK_M || z < box.min.z - STEP_BACK_M || z > box.max.z + STEP_BACK_M;
    });
  }

  private get focal_px(): number {
    return this.height / 2 / Math.tan((this.rig.camera.fov * THREE.MathUtils.DEG2RAD) / 2);
  }

  private subscribe(): void {
    const { store } = this;
    const on = (run: () => void): void => void this.endings.push(effect(run));
    on(() => {
      const index = store.index.value;
      if (index !== null && index !== this.index) this.changeIndex(index);
    });
    on(() => {
      void [store.isolation.value, store.storeyRange.value, store.xray.value, store.sectionPlane.value];
      void [store.systemsOff.value, store.selection.value?.type, store.overlay.value, store.devicesBeside.value];
      this.show();
    });
    on(() => {
      void store.isolation.value;
      this.mark(store.selection.value, store.hover.value);
    });
    on(() => {
      this.devices.setAlarms(store.alarmByDevice.value);
      this.ask();
    });
    on(() => {
      this.shading.set(store.overlay.value, colourOf);
      this.ask();
    });
    on(() => {
      this.arrows.set(store.flowsOn.value ? store.flows.value : new Map());
      this.ask();
    });
    on(() => {
      void store.overlay.value;
      void [store.language.value, store.selection.value, store.activeAlarms.value, store.isolation.value];
      this.name();
    });
    on(() => {
      const request = store.camera.value;
      if (request !== null) this.framing.obey(request);
    });
    on(() => this.rig.resize(this.width, this.height, store.covered_px.value));
    on(() => {
      const walking = store.viewMode.value === "walk";
      this.rig.setWalking(walking);
      this.devices.setThroughWalls(!walking || store.xray.value);
      this.ask();
    });
    this.endings.push(store.onRows((rows) => {
      if (this.devices.update(store.live, rows)) this.ask();
    }));
    this.devices.update(store.live, null);
    const themes = new MutationObserver(() => this.paint());
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "class"] });
    this.endings.push(() => themes.disconnect());
    this.paint();
  }

  private changeIndex(index: SiteIndex): void {
    this.scene.remove(this.devices.root);
    this.devices.dispose();
    this.index = index;
    this.devices = new Devices(index);
    this.picker.devices = this.devices;
    this.scene.add(this.devices.root);
    this.devices.update(this.store.live, null);
    this.devices.setAlarms(this.store.alarmByDevice.peek());
    this.paint();
    this.show();
    this.mark(this.store.selection.peek(), this.store.hover.peek());
  }

  private show(): void {
    const { store } = this;
    applyWishes(this.estate, this.devices, this.index, {
      isolation: store.isolation.peek(),
      range: store.storeyRange.peek(),
      xray: store.xray.peek(),
      section: store.sectionPlane.peek(),
      systemsOff: store.systemsOff.peek(),
      selection: store.selection.peek(),
      standing: this.standing,
      through: store.overlay.peek() !== null,
      over: this.devicesOver(),
      budget: this.quality === "high" ? 1_500_000 : 160_000,
    });
    this.rig.orbit.maxPolarAngle = Math.PI * (store.xray.peek() || store.isolation.peek() !== null ? 0.9 : 0.495);
    this.renderer.shadowMap.needsUpdate = true;
    this.ask();
  }

  /** Devices beside what lies over the estate: its own, those in alarm, what is selected; null where nothing does. */
  private devicesOver(): ReadonlySet<string> | null {
    const [overlay, beside] = [this.store.overlay.peek(), this.store.devicesBeside.peek()];
    if (overlay === null && beside === null) return null;
    const shown = new Set([...(overlay?.devices ?? []), ...(beside ?? []), ...this.store.alarmByDevice.peek().keys()]);
    const selection = this.store.selection.peek();
    if (selection?.type === "device") shown.add(selection.id);
    return shown;
  }

  private mark(selected: ObjectRef | null, hovered: ObjectRef | null): void {
    const { objects } = this.estate;
    objects.clear(SELECTED | HOVERED);
    if (hovered !== null) objects.mark(objects.row(hovered.type, hovered.id), HOVERED);
    // what stands alone needs no tint to be told apart
    const alone = this.store.isolation.peek();
    const isAlone = alone !== null && selected?.id === (selected?.type === "storey" ? alone.storey : alone.building);
    if (selected !== null && !isAlone) objects.mark(objects.row(selected.type, selected.id), SELECTED);
    this.devices.mark(
      selected?.type === "device" ? selected.id : null,
      hovered?.type === "device" ? hovered.id : null,
    );
    this.ask();
  }

  private name(): void {
    this.labels.set(labelsOf({ store: this.store, index: this.index, estate: this.estate, devices: this.devices, shading: this.shading }));
    this.ask();
  }

  private paint(): void {
    this.daylight.paint(this.store.theme.peek() === "dark" || document.documentElement.dataset.theme === "dark");
    this.shading.set(this.store.overlay.peek(), colourOf);
    this.estate.paintNetworks((kind) => colourOf(`--system-${NETWORK_SYSTEMS[kind] ?? "service"}`));
    this.devices.paint(colourOf);
    this.coverage.paint();
    this.ways.paint();
    this.evacuation.paint();
    this.host.style.background = "linear-gradient(var(--sky-top), var(--sky-bottom) 72%)";
    this.ask();
  }

  flyTo(point_m: Point3, radius_m?: number): void {
    this.framing.flyTo(point_m, radius_m);
  }

  /** Where a point of the site frame is in the window. [CSS px] */
  project(point_m: Point3): { x: number; y: number; visible: boolean } {
    return this.pointing.project(point_m);
  }

  /** What is at a place of the window. */
  pick(x: number, y: number): ObjectRef | null {
    return this.pointing.pick(x, y);
  }

  /** The view as it stands with its signs, as a data address. */
  still(): string {
    cancelAnimationFrame(this.asked);
    this.draw();
    return still(this.renderer.domElement, this.labels, [colourOf("--sky-top"), colourOf("--sky-bottom")]);
  }

  private listen(canvas: HTMLCanvasElement): void {
    const restored = (): void => {
      this.renderer.shadowMap.needsUpdate = true;
      this.ask();
    };
    canvas.addEventListener("webglcontextrestored", restored);
    const sizes = new ResizeObserver(() => this.resize());
    sizes.observe(this.host);
    const woken = (): void => this.ask();
    document.addEventListener("visibilitychange", woken);
    this.endings.push(
      () => sizes.disconnect(),
      () => document.removeEventListener("visibilitychange", woken),
      () => canvas.removeEventListener("webglcontextrestored", restored),
      () => this.pointing.dispose(),
      () => clearTimeout(this.pulse),
    );
  }

  private resize(): void {
    const { clientWidth, clientHeight } = this.host;
    if (clientWidth === 0 || clientHeight === 0) return;
    const first = this.width === 1;
    this.width = clientWidth;
    this.height = clientHeight;
    this.renderer.setSize(clientWidth, clientHeight, false);
    this.rig.resize(clientWidth, clientHeight, this.store.covered_px.peek());
    if (first && this.frames > 0) this.framing.home();
    this.ask();
  }

  stats(): Stats {
    const { render } = this.renderer.info;
    return {
      draw_calls: render.calls,
      triangles: render.triangles,
      frames: this.frames,
      devices: this.devices.count,
      devices_shown: this.devices.shownCount,
      objects: this.estate.objects.count,
      arrows: this.arrows.count,
      quality: this.quality,
    };
  }

  get camera_m(): { position: Point3; target: Point3 } {
    return { position: toSite(this.rig.camera.position), target: toSite(this.rig.orbit.target) };
  }

  dispose(): void {
    cancelAnimationFrame(this.asked);
    for (const end of this.endings) end();
    this.rig.dispose();
    this.labels.dispose();
    this.shading.dispose();
    this.coverage.dispose();
    this.ways.dispose();
    this.evacuation.dispose();
    this.arrows.dispose();
    this.devices.dispose();
    this.estate.dispose();
    this.renderer.dispose();
    this.renderer.domElement.remove();
  }
}
