/**
 * Devices as signs that face the camera: two triangles each, all in two draw calls.
 *
 * Shape says the system, filling says on or off, a slash or cross says that the value is not to be trusted, and an
 * alarm is a ringed triangle before everything else: nothing is said by colour alone.
 */

import * as THREE from "three";
import type { LiveColumns } from "../feed";
import type { SiteIndex } from "../site_index";
import type { Alarm, Severity } from "../types";

const SYSTEM_SHAPES: Record<string, number> = {
  water: 3, drainage: 3, fire: 2, gas: 2, security: 1, access: 1, energy: 4, charging: 4, lighting: 4,
  telecom: 5, broadcast: 5, environment: 0, climate: 0, waste: 1, parking: 1, lift: 1, care: 5, service: 0,
};
const SEVERITY_CODES: Record<Severity, number> = { info: 1, minor: 2, major: 3, critical: 4 };
/** Sizes on the screen: as large as this, within what follows; smaller still from very far. [px] */
const SIZE_M = 1.0;
const NEAREST_PX = 26;
const FAR_PX = 7;
const FARTHEST_PX = 4;
const FAR_M = 260;
const FLAG_SELECTED = 1;
const FLAG_HOVER = 2;
const FLAG_SHOWN = 4;
const FLAG_ON = 8;

const VERTEX = /* glsl */ `
attribute vec3 iPlace;
attribute vec4 iColour;
attribute vec4 iState;
uniform vec2 uViewport;
uniform float uRatio;
uniform float uFocal;
uniform float uBehind;
varying vec2 vAt;
varying vec3 vColour;
varying float vShape;
varying float vQuality;
varying float vAlarm;
varying float vFlags;
varying float vSize;
#include <clipping_planes_pars_vertex>
void main() {
  vec4 state = floor(iState * 255.0 + 0.5);
  int flags = int(state.b);
  vec4 mvPosition = viewMatrix * vec4(iPlace, 1.0);
  #include <clipping_planes_vertex>
  vAlarm = state.g;
  float near = -mvPosition.z;
  bool marked = (flags & 3) != 0;
  float least = clamp(${(FAR_PX * FAR_M).toFixed(1)} / max(near, 1.0), ${FARTHEST_PX.toFixed(1)}, ${FAR_PX.toFixed(1)});
  float size = clamp(uFocal * ${SIZE_M.toFixed(1)} / max(near, 0.1), least, ${NEAREST_PX.toFixed(1)});
  if (vAlarm > 0.5) size = max(size * 1.9, 30.0);
  else if (marked) size = max(size * 1.35, 20.0);
  else if (uBehind > 0.5) size = max(3.0, size * 0.45);
  vSize = size * uRatio;
  // drawn a little before the wall it hangs on
  vec4 forward = mvPosition;
  forward.xyz *= 1.0 - min(0.6, near * 0.1) / max(near, 0.1);
  gl_Position = projectionMatrix * forward;
  gl_Position.xy += position.xy * size * 2.0 / uViewport * gl_Position.w;
  if (vAlarm > 0.5 || marked) gl_Position.z = -gl_Position.w * 0.999;
  if ((flags & ${FLAG_SHOWN}) == 0 || near < 0.2 || (uBehind > 0.5 && (vAlarm > 0.5 || marked))) gl_Position = vec4(0.0, 0.0, -2.0, 1.0);
  vAt = position.xy * 2.0;
  vColour = iColour.rgb;
  vShape = iColour.a * 255.0;
  vQuality = state.r;
  vFlags = state.b;
}`;

const FRAGMENT = /* glsl */ `
uniform float uBehind;
uniform float uPulse;
uniform vec3 uPaper;
uniform vec3 uAccent;
uniform vec3 uSeverity[5];
varying vec2 vAt;
varying vec3 vColour;
varying float vShape;
varying float vQuality;
varying float vAlarm;
varying float vFlags;
varying float vSize;
#include <clipping_planes_pars_fragment>
float box(vec2 p, vec2 b, float r) { vec2 d = abs(p) - b + r; return length(max(d, 0.0)) + min(max(d.x, d.y), 0.0) - r; }
float triangle(vec2 p, float r) {
  p.y += r * 0.28; p.x = abs(p.x);
  return max(dot(p, vec2(0.866, 0.5)) - r * 0.62, -p.y - r * 0.5) ;
}
float shape(vec2 p) {
  int kind = int(vShape + 0.5);
  if (kind == 1) return box(p, vec2(0.56), 0.14);
  if (kind == 2) return triangle(p, 0.98) - 0.06;
  if (kind == 3) { vec2 q = p + vec2(0.0, 0.12); return max(length(q) - 0.56, -1.0) < 0.0 ? length(q) - 0.56 : min(length(q) - 0.56, max(abs(p.x) * 1.15 + p.y - 0.82, -q.y)); }
  if (kind == 4) return (abs(p.x) + abs(p.y) - 0.8) * 0.72;
  if (kind == 5) { vec2 q = abs(p); return max(q.x * 0.866 + q.y * 0.5, q.y) - 0.6; }
  return length(p) - 0.62;
}
void main() {
  #include <clipping_planes_fragment>
  float px = 2.0 / vSize;
  if (uBehind > 0.5) {
    float dot_ = 1.0 - smoothstep(0.55, 0.55 + px * 2.0, length(vAt));
    gl_FragColor = vec4(vQuality > 1.5 ? mix(vColour, vec3(0.5), 0.8) : vColour, dot_ * 0.42);
    if (gl_FragColor.a < 0.03) discard;
    #include <colorspace_fragment>
    return;
  }
  int flags = int(vFlags + 0.5);
  vec3 colour = vColour;
  vec2 p = vAt * 1.06;
  float d, alpha = 0.0;
  vec3 paint = uPaper;
  if (vAlarm > 0.5) {
    colour = uSeverity[int(vAlarm + 0.5)];
    vec2 q = vAt * 1.75;
    d = (vAlarm > 3.5 ? max(max(abs(q.x), abs(q.y)), (abs(q.x) + abs(q.y)) * 0.7071) - 0.8 : vAlarm > 2.5 ? triangle(q, 1.3) : (abs(q.x) + abs(q.y) - 1.05) * 0.72);
    float edge = 1.75 * px;
    float body = 1.0 - smoothstep(-edge, edge, d);
    float rim = 1.0 - smoothstep(-edge, edge, d - 0.16);
    float mark = min(box(q - vec2(0.0, 0.14), vec2(0.09, 0.3), 0.05), length(q - vec2(0.0, -0.4)) - 0.12);
    paint = mix(uPaper, colour, body);
    paint = mix(paint, uPaper, 1.0 - smoothstep(-edge, edge, mark));
    float reach = mix(0.62, 0.97, uPulse);
    float ring = (1.0 - smoothstep(px, px * 2.5, abs(length(vAt) - reach))) * (1.0 - uPulse * 0.75);
    alpha = max(rim, ring);
    if (rim < 0.5) paint = mix(colour, paint, rim);
  } else {
    if (vQuality > 1.5) colour = mix(colour, vec3(dot(colour, vec3(0.3, 0.6, 0.1))), 0.78);
    d = shape(p);
    float edge = px;
    float rim = 1.0 - smoothstep(-edge, edge, d - 0.13);
    float body = 1.0 - smoothstep(-edge, edge, d);
    bool hollow = (flags & ${FLAG_ON}) == 0 || vQuality > 3.5;
    paint = mix(uPaper, colour, body);
    if (hollow && vSize > 11.0) paint = mix(paint, uPaper, 1.0 - smoothstep(-edge, edge, d + 0.2));
    if (vSize > 11.0 && vQuality > 0.5 && vQuality < 3.5) {
      float slash = abs(p.x + p.y) * 0.7071 - 0.09;
      if (vQuality > 2.5) slash = min(slash, abs(p.x - p.y) * 0.7071 - 0.09);
      if (vQuality > 1.5 || p.y < 0.0) paint = mix(paint, uPaper, (1.0 - smoothstep(-edge, edge, slash)) * body);
    }
    alpha = rim;
  }
  if ((flags & 3) != 0) {
    float reach = vAlarm > 0.5 ? 0.9 : 0.9;
    float ring = 1.0 - smoothstep(px, px * 2.2, abs(length(vAt) - reach) - px * ((flags & 1) != 0 ? 1.6 : 0.4));
    paint = mix(paint, uAccent, ring);
    alpha = max(alpha, ring);
  }
  if (alpha < 0.04) discard;
  gl_FragColor = vec4(paint, alpha);
  #include <colorspace_fragment>
}`;

export class Devices {
  readonly root = new THREE.Group();
  readonly count: number;
  /** Positions in three's frame. */
  readonly places: Float32Array;
  private readonly states: Uint8Array;
  private readonly colours: Uint8Array;
  private readonly stateBuffer: THREE.InstancedBufferAttribute;
  private readonly colourBuffer: THREE.InstancedBufferAttribute;
  private readonly geometry = new THREE.InstancedBufferGeometry();
  private readonly materials: THREE.ShaderMaterial[] = [];
  private readonly uniforms = {
    uViewport: { value: new THREE.Vector2(1, 1) },
    uRatio: { value: 1 },
    uFocal: { value: 1 },
    uPulse: { value: 0 },
    uPaper: { value: new THREE.Color() },
    uAccent: { value: new THREE.Color() },
    uSeverity: { value: [0, 1, 2, 3, 4].map(() => new THREE.Color()) },
  };
  private alarmed = 0;

  constructor(readonly index: SiteIndex) {
    const n = (this.count = index.count);
    this.places = new Float32Array(n * 3);
    this.states = new Uint8Array(n * 4);
    this.colours = new Uint8Array(n * 4);
    for (let k = 0; k < n; k++) {
      const [x, y, z] = index.point(k);
      this.places.set([x, z, -y], k * 3);
      this.colours[k * 4 + 3] = SYSTEM_SHAPES[index.kind(k).system] ?? 0;
      this.states[k * 4] = 4;
    }
    const quad = new Float32Array([-0.5, -0.5, 0, 0.5, -0.5, 0, 0.5, 0.5, 0, -0.5, 0.5, 0]);
    this.geometry.setAttribute("position", new THREE.BufferAttribute(quad, 3));
    this.geometry.setIndex([0, 1, 2, 0, 2, 3]);
    this.geometry.setAttribute("iPlace", new THREE.InstancedBufferAttribute(this.places, 3));
    this.colourBuffer = new THREE.InstancedBufferAttribute(this.colours, 4, true);
    this.stateBuffer = new THREE.InstancedBufferAttribute(this.states, 4, true);
    this.stateBuffer.setUsage(THREE.DynamicDrawUsage);
    this.geometry.setAttribute("iColour", this.colourBuffer);
    this.geometry.setAttribute("iState", this.stateBuffer);
    this.geometry.instanceCount = n;
    for (const behind of [1, 0]) {
      const material = new THREE.ShaderMaterial({
        uniforms: { ...this.uniforms, uBehind: { value: behind } },
        vertexShader: VERTEX,
        fragmentShader: FRAGMENT,
        transparent: true,
        depthWrite: false,
        depthFunc: behind ? THREE.GreaterDepth : THREE.LessEqualDepth,
        clipping: true,
      });
      const mesh = new THREE.Mesh(this.geometry, material);
      mesh.frustumCulled = false;
      mesh.renderOrder = 10 - behind;
      this.materials.push(material);
      this.root.add(mesh);
    }
    this.root.visible = n > 0;
  }

  /** Whether an alarm's ring is moving. */
  get alarms(): number {
    return this.alarmed;
  }

  paint(colour: (name: string) => THREE.Color): void {
    const systems = new Map<string, THREE.Color>();
    for (let k = 0; k < this.count; k++) {
      const { system } = this.index.kind(k);
      let found = systems.get(system);
      if (found === undefined) systems.set(system, (found = colour(`--system-${system}`)));
      this.colours.set([found.r * 255, found.g * 255, found.b * 255].map(Math.round), k * 4);
    }
    this.colourBuffer.needsUpdate = true;
    this.uniforms.uPaper.value.copy(colour("--surface"));
    this.uniforms.uAccent.value.copy(colour("--accent"));
    const severities = ["--ink-3", "--info", "--minor", "--major", "--critical"];
    severities.forEach((name, k) => this.uniforms.uSeverity.value[k]!.copy(colour(name)));
  }

  /** Take over the latest values of these rows; null for all. Answers whether anything looks different. */
  update(live: LiveColumns, rows: Uint32Array | null): boolean {
    const { primaryRow, deviceOfRow } = this.index;
    let changed = false;
    const one = (k: number): void => {
      const row = primaryRow[k]!;
      const at = k * 4;
      const quality = row < 0 ? 0 : live.quality[row]!;
      const value = row < 0 ? 1 : live.values[row]!;
      const states = this.index.primary(k)?.states;
      const on = states !== undefined && Object.keys(states).length > 0 ? value !== 0 : true;
      const flags = (this.states[at + 2]! & ~FLAG_ON) | (on ? FLAG_ON : 0);
      if (this.states[at] !== quality || this.states[at + 2] !== flags) {
        this.states[at] = quality;
        this.states[at + 2] = flags;
        changed = true;
      }
    };
    if (rows === null) for (let k = 0; k < this.count; k++) one(k);
    else for (const row of rows) if (row < deviceOfRow.length && deviceOfRow[row]! >= 0) one(deviceOfRow[row]!);
    if (changed) this.stateBuffer.needsUpdate = true;
    return changed;
  }

  setAlarms(alarms: ReadonlyMap<string, Alarm>): void {
    for (let k = 0; k < this.count; k++) this.states[k * 4 + 1] = 0;
    this.alarmed = 0;
    for (const [device, alarm] of alarms) {
      const k = this.index.position.get(device);
      if (k === undefined) continue;
      this.states[k * 4 + 1] = SEVERITY_CODES[alarm.severity];
      this.alarmed++;
    }
    this.stateBuffer.needsUpdate = true;
  }

  setShown(shown: (k: number) => boolean): void {
    for (let k = 0; k < this.count; k++) this.flag(k, FLAG_SHOWN, shown(k));
    this.stateBuffer.needsUpdate = true;
  }

  mark(selected: string | null, hovered: string | null): void {
    const a = selected === null ? -1 : (this.index.position.get(selected) ?? -1);
    const b = hovered === null ? -1 : (this.index.position.get(hovered) ?? -1);
    for (let k = 0; k < this.count; k++) {
      this.flag(k, FLAG_SELECTED, k === a);
      this.flag(k, FLAG_HOVER, k === b);
    }
    this.stateBuffer.needsUpdate = true;
  }

  isShown(k: number): boolean {
    return (this.states[k * 4 + 2]! & FLAG_SHOWN) !== 0;
  }

  hasAlarm(k: number): boolean {
    return this.states[k * 4 + 1]! > 0;
  }

  get shownCount(): number {
    let n = 0;
    for (let k = 0; k < this.count; k++) if (this.isShown(k)) n++;
    return n;
  }

  private flag(k: number, flag: number, on: boolean): void {
    const at = k * 4 + 2;
    this.states[at] = on ? this.states[at]! | flag : this.states[at]! & ~flag;
  }

  /** Size of a device's sign at a distance. [CSS px] */
  size_px(distance_m: number, focal_px: number): number {
    const least = Math.min(FAR_PX, Math.max(FARTHEST_PX, (FAR_PX * FAR_M) / Math.max(distance_m, 1)));
    return Math.min(NEAREST_PX, Math.max(least, (focal_px * SIZE_M) / Math.max(distance_m, 0.1)));
  }

  setViewport(width_px: number, height_px: number, ratio: number, focal_px: number): void {
    this.uniforms.uViewport.value.set(width_px, height_px);
    this.uniforms.uRatio.value = ratio;
    this.uniforms.uFocal.value = focal_px;
  }

  /** Cut the signs by these planes as well, or by none. */
  setSection(planes: THREE.Plane[] | null): void {
    for (const material of this.materials) material.clippingPlanes = planes;
  }

  /** Whether devices behind a wall shine through it as dots. */
  setThroughWalls(on: boolean): void {
    this.root.children[0]!.visible = on;
  }

  get throughWalls(): boolean {
    return this.root.children[0]!.visible;
  }

  setPulse(phase_ratio: number): void {
    this.uniforms.uPulse.value = phase_ratio;
  }

  dispose(): void {
    this.geometry.dispose();
    for (const material of this.materials) material.dispose();
  }
}
