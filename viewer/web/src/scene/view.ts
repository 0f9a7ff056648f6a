/** The live view: a canvas that draws only when something changed, and all that the store wishes of it. */

import { effect } from "@preact/signals";
import * as THREE from "three";
import { said } from "../i18n";
import { networkOf, withoutNetwork } from "../overlay";
import type { SiteIndex } from "../site_index";
import type { CameraRequest, Store } from "../store";
import type { ObjectRef, Point3 } from "../types";
import { Devices } from "./devices";
import { Estate, toSite, toThree } from "./estate";
import type { SceneFile } from "./glb";
import { Labels, type Label } from "./labels";
import { HOVERED, SELECTED } from "./objects";
import { Picker } from "./picking";
import { Rig } from "./rig";
import { Shading } from "./shading";
import { applyWishes, NETWORK_SYSTEMS, storeyAt } from "./visibility";

const CLICK_PX = 5;
const PULSE_S = 1.6;
const PULSE_FRAME_MS = 70;
const MOST_ALARM_LABELS = 14;
const STEP_BACK_M = 5;
const FIT_LEAST_M = 25;
const HOME_SIDE = new THREE.Vector3(-0.62, 0.6, 1);
const TOP_SIDE = new THREE.Vector3(0, 1, 0.001);
const SIDES_RAD = [0, 0.6, -0.6, 1.2, -1.2, 1.9, -1.9, 2.6, -2.6, Math.PI];
const NORTH_SIDE = new THREE.Vector3(0, 0.75, 1);

export type Quality = "low" | "high";

export interface Stats {
  draw_calls: number;
  triangles: number;
  frames: number;
  devices: number;
  devices_shown: number;
  objects: number;
  quality: Quality;
}

export class View {
  readonly renderer: THREE.WebGLRenderer;
  readonly rig: Rig;
  private readonly scene = new THREE.Scene();
  private readonly sun = new THREE.DirectionalLight(0xffffff, 2.4);
  private readonly sky = new THREE.HemisphereLight(0xffffff, 0xffffff, 1.9);
  private readonly estate: Estate;
  private readonly picker: Picker;
  private readonly labels: Labels;
  private readonly shading: Shading;
  private devices: Devices;
  private readonly endings: (() => void)[] = [];
  private asked = 0;
  private pulse = 0;
  private frames = 0;
  private width = 1;
  private height = 1;
  private pressed: { x: number; y: number; id: number } | null = null;
  private pointed = 0;
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
    this.scene.add(this.estate.root, this.shading.volumes.root, this.devices.root, this.sun, this.sun.target, this.sky);
    this.placeSun(high);
    this.rig.groundAt = (x, z, y) => {
      const down = new THREE.Ray(new THREE.Vector3(x, y, z), new THREE.Vector3(0, -1, 0));
      return this.picker.surface(down)?.point.y ?? Math.min(0, y);
    };
    this.rig.isFree = (x, z) => this.isFree(x, z);
    this.listen(canvas);
    this.resize();
    this.home();
    this.subscribe();
  }

  /** The sun stands in the south-west and its shadows cover all that stands on the land. */
  private placeSun(shadows: boolean): void {
    const ball = this.estate.bounds.getBoundingSphere(new THREE.Sphere());
    const reach = Math.max(20, ball.radius * 1.02);
    this.sun.position.copy(ball.center).add(new THREE.Vector3(-1, 1.05, 0.42).normalize().multiplyScalar(reach * 2));
    this.sun.target.position.copy(ball.center);
    this.sun.castShadow = shadows;
    if (!shadows) return;
    const { camera, mapSize } = this.sun.shadow;
    mapSize.set(4096, 4096);
    camera.left = camera.bottom = -reach;
    camera.right = camera.top = reach;
    camera.near = reach * 0.5;
    camera.far = reach * 3.5;
    this.sun.shadow.bias = -0.0006;
    this.sun.shadow.radius = 2.2;
    this.sun.shadow.intensity = 0.62;
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
    this.renderer.render(this.scene, camera);
    this.labels.place(camera, this.width, this.height);
    this.frames++;
    if (this.rig.moving) this.ask();
    else if (this.devices.alarms > 0 && !calm && !document.hidden && this.pulse === 0) {
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
      void [store.systemsOff.value, store.selection.value?.type, store.overlay.value];
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
      void store.overlay.value;
      void [store.language.value, store.selection.value, store.activeAlarms.value, store.isolation.value];
      this.name();
    });
    on(() => {
      const request = store.camera.value;
      if (request !== null) this.obey(request);
    });
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
      over: this.devicesOver(),
      budget: this.quality === "high" ? 1_500_000 : 160_000,
    });
    this.rig.orbit.maxPolarAngle = Math.PI * (store.xray.peek() || store.isolation.peek() !== null ? 0.9 : 0.495);
    this.renderer.shadowMap.needsUpdate = true;
    this.ask();
  }

  /** Devices beside what lies over the estate: its own, those in alarm, what is selected; null where nothing does. */
  private devicesOver(): ReadonlySet<string> | null {
    const overlay = this.store.overlay.peek();
    if (overlay === null) return null;
    const shown = new Set([...overlay.devices, ...this.store.alarmByDevice.peek().keys()]);
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
    const { store, index } = this;
    const labels: Label[] = [];
    const isolation = store.isolation.peek();
    const selection = store.selection.peek();
    for (const building of index.buildings) {
      if (isolation !== null && isolation.building !== building.id) continue;
      const box = this.estate.box({ type: "building", id: building.id });
      if (box === null || box.max.y < 0.5) continue;
      const point = box.getCenter(new THREE.Vector3()).setY(box.max.y + 1);
      labels.push({ key: `b:${building.id}`, text: said(building.name) || building.id, point, kind: "building", rank: box.max.y });
    }
    for (const alarm of store.activeAlarms.peek().slice(0, MOST_ALARM_LABELS)) {
      const k = alarm.device === null ? undefined : index.position.get(alarm.device);
      if (k === undefined || alarm.state === "shelved" || !this.devices.isShown(k)) continue;
      const point = toThree(index.point(k));
      labels.push({ key: `a:${alarm.id}`, text: said(alarm.name), point, kind: alarm.severity, rank: 5000 });
    }
    labels.push(...this.shading.labels());
    const selected = selection === null ? null : this.label(selection);
    if (selected !== null) labels.push(selected);
    this.labels.set(labels);
    this.ask();
  }

  private label(ref: ObjectRef): Label | null {
    if (ref.type === "device") {
      const k = this.index.position.get(ref.id);
      if (k === undefined) return null;
      const text = said(this.index.name(k)) || ref.id;
      return { key: "selected", text, point: toThree(this.index.point(k)), kind: "selected", rank: 9000 };
    }
    const box = this.estate.box(ref);
    if (box === null || ref.type === "building" || ref.type === "space") return null; // floors are coloured whole
    const storey = ref.type === "storey" ? this.index.storey.get(ref.id) : undefined;
    const network = networkOf(ref, this.store.site.peek()?.networks ?? []);
    const text = (storey && said(storey.name)) || (network === null ? ref.id : withoutNetwork(network, ref.id));
    return { key: "selected", text, point: box.getCenter(new THREE.Vector3()), kind: "selected", rank: 9000 };
  }

  private paint(): void {
    const colour = colourOf;
    const dark = this.store.theme.peek() === "dark" || document.documentElement.dataset.theme === "dark";
    const { uniforms } = this.estate;
    uniforms.uAccent.value.copy(colour("--accent"));
    uniforms.uSky.value.copy(colour("--sky-top"));
    uniforms.uTint.value.set(dark ? "#7b8489" : "#ffffff");
    uniforms.uInk.value.copy(colour(dark ? "--wall-edge" : "--ink-2"));
    uniforms.uCutFace.value.copy(colour(dark ? "--hairline-2" : "--ink-2"));
    uniforms.uNight.value = dark ? 1 : 0;
    this.sun.color.set(dark ? "#b9d2e6" : "#fffaf2");
    this.sun.intensity = dark ? 1.25 : 2.25;
    this.sky.color.set(dark ? "#8296a4" : "#e6eef5");
    this.sky.groundColor.set(dark ? "#1d262c" : "#e9e5de");
    this.sky.intensity = dark ? 1.9 : 2.02;
    this.shading.set(this.store.overlay.peek(), colour);
    this.estate.paintNetworks((kind) => colour(`--system-${NETWORK_SYSTEMS[kind] ?? "service"}`));
    this.devices.paint(colour);
    this.host.style.background = "linear-gradient(var(--sky-top), var(--sky-bottom) 72%)";
    this.ask();
  }

  private obey(request: CameraRequest): void {
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

  private home(): void {
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
      const k = this.index.position.get(ref.id);
      if (k !== undefined) this.flyTo(this.index.point(k), 8);
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

  /** Where a point of the site frame is in the window. [CSS px] */
  project(point_m: Point3): { x: number; y: number; visible: boolean } {
    const point = toThree(point_m);
    const { camera } = this.rig;
    camera.updateMatrixWorld();
    const at = point.clone().project(camera);
    const frame = this.renderer.domElement.getBoundingClientRect();
    const x = frame.left + ((at.x + 1) / 2) * frame.width;
    const y = frame.top + ((1 - at.y) / 2) * frame.height;
    const inside = at.z > -1 && at.z < 1 && Math.abs(at.x) < 1 && Math.abs(at.y) < 1;
    return { x, y, visible: inside && !this.picker.isHidden(point, camera.position) };
  }

  /** What is at a place of the window. */
  pick(x: number, y: number): ObjectRef | null {
    const { camera } = this.rig;
    camera.updateMatrixWorld();
    const frame = this.renderer.domElement.getBoundingClientRect();
    const device = this.picker.device(x - frame.left, y - frame.top, frame.width, frame.height, camera, this.focal_px);
    if (device >= 0) return { type: "device", id: this.index.devices.id[device]! };
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

  private listen(canvas: HTMLCanvasElement): void {
    const on = <K extends keyof HTMLElementEventMap>(type: K, listener: (event: HTMLElementEventMap[K]) => void): void => {
      canvas.addEventListener(type, listener);
      this.endings.push(() => canvas.removeEventListener(type, listener));
    };
    on("pointerdown", (event) => {
      this.pressed = event.isPrimary && event.button === 0 ? { x: event.clientX, y: event.clientY, id: event.pointerId } : null;
    });
    on("pointerup", (event) => {
      const start = this.pressed;
      this.pressed = null;
      if (start === null || start.id !== event.pointerId) return;
      if (Math.hypot(event.clientX - start.x, event.clientY - start.y) > CLICK_PX) return;
      this.store.select(this.pick(event.clientX, event.clientY));
    });
    on("dblclick", (event) => {
      const ref = this.pick(event.clientX, event.clientY);
      if (ref !== null) this.store.fit(ref);
    });
    on("pointermove", (event) => {
      if (event.pointerType !== "mouse" || event.buttons !== 0) return;
      clearTimeout(this.pointed);
      this.pointed = window.setTimeout(() => this.point(event.clientX, event.clientY), this.quality === "high" ? 24 : 120);
    });
    on("pointerleave", () => {
      clearTimeout(this.pointed);
      this.store.hover.value = null;
    });
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
      () => clearTimeout(this.pointed),
      () => clearTimeout(this.pulse),
    );
  }

  private point(x: number, y: number): void {
    const ref = this.pick(x, y);
    const before = this.store.hover.peek();
    if (ref?.id !== before?.id || ref?.type !== before?.type) this.store.hover.value = ref;
    this.renderer.domElement.style.cursor = ref === null ? "" : "pointer";
  }

  private resize(): void {
    const { clientWidth, clientHeight } = this.host;
    if (clientWidth === 0 || clientHeight === 0) return;
    const first = this.width === 1;
    this.width = clientWidth;
    this.height = clientHeight;
    this.renderer.setSize(clientWidth, clientHeight, false);
    this.rig.camera.aspect = clientWidth / clientHeight;
    this.rig.camera.updateProjectionMatrix();
    if (first && this.frames > 0) this.home();
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
    this.devices.dispose();
    this.estate.dispose();
    this.renderer.dispose();
    this.renderer.domElement.remove();
  }
}

/** The colour of a token of the page, `--name`. */
function colourOf(name: string): THREE.Color {
  const text = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  return text === "" ? new THREE.Color(0x66727d) : new THREE.Color(text);
}
