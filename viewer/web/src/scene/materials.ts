/** Materials of the model: three's Lambert shading, taught to read the object table. */

import * as THREE from "three";
import { CUT_STEP_M, DASHED, TEXTURE_WIDTH, WIDTH_STEP_PX } from "./objects";

/** Values that all shaders share; changed in one place, seen by all at the next frame. */
export interface SharedUniforms {
  [name: string]: THREE.IUniform;
  uStates: THREE.IUniform<THREE.Texture | null>;
  uAccent: THREE.IUniform<THREE.Color>;
  uSky: THREE.IUniform<THREE.Color>;
  uTint: THREE.IUniform<THREE.Color>;
  uInk: THREE.IUniform<THREE.Color>;
  uCutFace: THREE.IUniform<THREE.Color>;
  uNight: THREE.IUniform<number>;
  uSection: THREE.IUniform<number>;
  /** Heights between which pipes are drawn. [m] */
  uBand: THREE.IUniform<THREE.Vector2>;
  /** Colours of what lies over the estate, from 0 to 1. */
  uRamp: THREE.IUniform<THREE.Texture>;
  /** Whether something lies over it: then the pipes that it says nothing of stand back. */
  uShading: THREE.IUniform<number>;
  /** Size of a pixel at a metre's distance. [m] */
  uPixel: THREE.IUniform<number>;
}

const RAMP_TEXELS = 256;

/** A texture that goes through these colours evenly. */
export function rampTexture(): THREE.DataTexture {
  const texture = new THREE.DataTexture(new Uint8Array(RAMP_TEXELS * 4).fill(255), RAMP_TEXELS, 1, THREE.RGBAFormat, THREE.UnsignedByteType);
  texture.colorSpace = THREE.SRGBColorSpace;
  texture.magFilter = texture.minFilter = THREE.LinearFilter;
  texture.needsUpdate = true;
  return texture;
}

export function paintRamp(texture: THREE.DataTexture, colours: readonly THREE.Color[]): void {
  const texels = texture.image.data as Uint8Array;
  for (let k = 0; k < RAMP_TEXELS; k++) {
    const hex = onRamp(colours, k / (RAMP_TEXELS - 1)).getHex(THREE.SRGBColorSpace);
    texels.set([hex >> 16, (hex >> 8) & 255, hex & 255, 255], k * 4);
  }
  texture.needsUpdate = true;
}

export function sharedUniforms(states: THREE.Texture): SharedUniforms {
  return {
    uStates: { value: states },
    uAccent: { value: new THREE.Color() },
    uSky: { value: new THREE.Color() },
    uTint: { value: new THREE.Color(1, 1, 1) },
    uInk: { value: new THREE.Color() },
    uCutFace: { value: new THREE.Color() },
    uNight: { value: 0 },
    uSection: { value: 0 },
    uBand: { value: new THREE.Vector2(-1e9, 1e9) },
    uRamp: { value: rampTexture() },
    uShading: { value: 0 },
    uPixel: { value: 0.001 },
  };
}

/** The colour at a place of a ramp, 0 to 1. */
export function onRamp(colours: readonly THREE.Color[], level: number): THREE.Color {
  const at = Math.min(1, Math.max(0, level)) * (colours.length - 1);
  const k = Math.min(Math.floor(at), colours.length - 2);
  return colours.length < 2 ? colours[0]!.clone() : colours[k]!.clone().lerp(colours[k + 1]!, at - k);
}

/** What of a part is hidden by which flags: see `objects.ts`. */
export type Layer = "outside" | "inside" | "pipe" | "joint" | "always";
const HIDING: Record<Layer, number> = { outside: 1 | 2 | 16, inside: 1 | 16, pipe: 1, joint: 1, always: 1 };

/** How far the theme darkens a part; pipes keep the colours of their systems. */
const TINTS: Record<Layer, string> = {
  outside: "uTint",
  inside: "mix(uTint, vec3(1.0), 0.3)",
  pipe: "vec3(1.0)",
  joint: "vec3(1.0)",
  always: "uTint",
};

const PIPE_NAMES: Partial<Record<Layer, string>> = { pipe: "#define PIPE\n", joint: "#define PIPE\n#define JOINT\n" };

/** In a shader: `stateOf(row)`, what is marked of an object. */
export const stateOfRow = /* glsl */ `
uniform highp sampler2D uStates;
ivec2 stateAt(float row) { int k = int(row + 0.5); return ivec2(k % ${TEXTURE_WIDTH}, k / ${TEXTURE_WIDTH}); }
vec4 stateOf(float row) { return row < -0.5 ? vec4(0.0) : texelFetch(uStates, stateAt(row), 0) * 255.0; }
`;

const VERTEX_HEAD = /* glsl */ `
attribute float aObject;
#ifdef USE_INSTANCING
attribute float iObject;
#endif
varying float vFlags;
flat varying float vRow;
varying vec3 vLocal;
varying float vHeight;
#ifdef PIPE
uniform float uPixel;
uniform float uShading;
flat varying float vLevel;
varying float vAlong;
#endif
${stateOfRow}
bool gone = false;
`;

const VERTEX_BODY = /* glsl */ `
#include <begin_vertex>
float row = aObject;
#ifdef USE_INSTANCING
row += iObject;
#endif
vec4 state = stateOf(row);
vFlags = state.r;
vRow = row;
gone = (int(state.r + 0.5) & HIDING) != 0;
#ifdef INSIDE
float cut = state.g * ${CUT_STEP_M};
if (cut > 0.01) {
  if (color.a > 0.7 && color.a < 0.8) gone = true;
  transformed.y = min(transformed.y, cut);
}
#endif
#ifdef PIPE
vLevel = state.b;
vAlong = 0.0;
#ifdef USE_INSTANCING
vAlong = position.y * length(instanceMatrix[1].xyz);
if (uShading > 0.5 && state.b > 0.5) {
  vec4 spine = modelViewMatrix * instanceMatrix * vec4(0.0, position.y, 0.0, 1.0);
  float radius = length(instanceMatrix[0].xyz);
  float wider = max(1.0, uPixel * -spine.z * state.a * ${WIDTH_STEP_PX / 2} / radius);
#ifdef JOINT
  transformed *= wider;
#else
  transformed.xz *= wider;
#endif
} else if (uShading > 0.5) {
  transformed.xz *= 0.45; // what stands back is thin as well
}
#endif
#endif
vLocal = transformed;
`;

const VERTEX_TAIL = /* glsl */ `
#include <project_vertex>
vec4 standing = vec4(transformed, 1.0);
#ifdef USE_INSTANCING
standing = instanceMatrix * standing;
#endif
vHeight = standing.y;
if (gone) gl_Position = vec4(0.0, 0.0, -2.0, 1.0);
`;

const FRAGMENT_HEAD = /* glsl */ `
uniform vec3 uAccent;
uniform vec3 uSky;
uniform vec3 uTint;
uniform vec3 uCutFace;
uniform float uNight;
uniform float uSection;
uniform vec2 uBand;
varying float vFlags;
flat varying float vRow;
varying vec3 vLocal;
varying float vHeight;
#ifdef PIPE
uniform sampler2D uRamp;
uniform vec3 uInk;
uniform float uShading;
flat varying float vLevel;
varying float vAlong;
#endif
float hash(vec2 p) { return fract(sin(dot(p, vec2(12.9898, 78.233))) * 43758.5453); }
vec3 lit = vec3(0.0);
`;

// matter: 255 plain, 240 door, 224 cut, 192 lintel, 168 glass door, 160 glass, 128 floor, 64 foliage (viewer/scene/palette.py)
const FRAGMENT_COLOUR = /* glsl */ `
#ifdef PIPE
if (vHeight < uBand.x || vHeight > uBand.y) discard;
#endif
float matter = vColor.a * 255.0;
vec3 base = vColor.rgb * PAINT;
base *= TINT;
if (matter > 145.0 && matter < 176.0) {
  vec3 facing = normalize(cross(dFdx(vViewPosition), dFdy(vViewPosition)));
  float rim = pow(1.0 - abs(dot(facing, normalize(vViewPosition))), 2.0);
  base = mix(base, uSky, 0.18 + 0.6 * rim);
#ifdef OUTSIDE_LAYER
  float home = hash(vec2(floor(vRow + 0.5), floor(vLocal.x / 4.5 + 0.37) + floor(vLocal.z / 4.0 + 0.37) * 17.0));
  if (uNight > 0.5 && home > 0.62) lit = vec3(1.0, 0.72, 0.38) * (0.35 + 0.5 * fract(home * 37.0));
#endif
}
if (uSection > 0.5 && !gl_FrontFacing) { base = uCutFace; }
int marks = int(vFlags + 0.5);
if ((marks & 4) != 0) { base = mix(base, uAccent, matter > 112.0 && matter < 144.0 ? 0.68 : 0.42); lit += uAccent * 0.12; }
else if ((marks & 8) != 0) { base = mix(base, uAccent, 0.22); lit += uAccent * 0.05; }
#ifdef PIPE
if (uShading > 0.5 && vLevel > 0.5) {
  if ((marks & ${DASHED}) != 0 && fract(vAlong / 2.4) > 0.5) discard;
  vec3 shade = texture2D(uRamp, vec2((vLevel - 0.5) / 255.0, 0.5)).rgb;
  // the colour of the key, with just enough shading to be a thing
  base = shade * 0.3;
  lit = shade * ((marks & 12) != 0 ? 0.9 : 0.68);
} else if (uShading > 0.5 && (marks & 12) == 0) {
  base = mix(uSky, uInk, 0.4);
}
#endif
diffuseColor = vec4(base, opacity);
`;

export interface ModelOptions {
  layer: Layer;
  uniforms: SharedUniforms;
  /** Seen through: this opaque. */
  opacity?: number;
  colour?: THREE.Color;
}

/** A material of the model. */
export function modelMaterial({ layer, uniforms, opacity = 1, colour }: ModelOptions): THREE.MeshLambertMaterial {
  const material = new THREE.MeshLambertMaterial({
    vertexColors: true,
    flatShading: true,
    side: THREE.DoubleSide,
    transparent: opacity < 1,
    depthWrite: opacity === 1,
    opacity,
    polygonOffset: true,
    polygonOffsetFactor: 1,
    polygonOffsetUnits: 1,
  });
  const paint = { value: colour ?? new THREE.Color(1, 1, 1) };
  material.userData.paint = paint;
  material.onBeforeCompile = (shader) => {
    Object.assign(shader.uniforms, uniforms, { uPaint: paint });
    patchVertex(shader, layer);
    const names = `#define PAINT uPaint\n#define TINT ${TINTS[layer]}\n${layer === "outside" ? "#define OUTSIDE_LAYER\n" : ""}${PIPE_NAMES[layer] ?? ""}uniform vec3 uPaint;\n`;
    shader.fragmentShader = shader.fragmentShader
      .replace("#include <common>", `#include <common>\n${names}${FRAGMENT_HEAD}`)
      .replace("#include <color_fragment>", FRAGMENT_COLOUR)
      .replace("#include <emissivemap_fragment>", "totalEmissiveRadiance += lit;");
  };
  material.customProgramCacheKey = () => `model-${layer}`;
  return material;
}

/** What the sun sees of the model: the same things hidden. */
export function shadowMaterial(layer: Layer, uniforms: SharedUniforms): THREE.MeshDepthMaterial {
  const material = new THREE.MeshDepthMaterial({ side: THREE.DoubleSide });
  material.onBeforeCompile = (shader) => {
    Object.assign(shader.uniforms, uniforms);
    patchVertex(shader, layer);
    shader.vertexShader = shader.vertexShader.replace("attribute float aObject;", "attribute float aObject;\nattribute vec4 color;");
  };
  material.customProgramCacheKey = () => `shadow-${layer}`;
  return material;
}

function patchVertex(shader: { vertexShader: string }, layer: Layer): void {
  const names = `#define HIDING ${HIDING[layer]}\n${layer === "inside" ? "#define INSIDE\n" : ""}${PIPE_NAMES[layer] ?? ""}`;
  shader.vertexShader = shader.vertexShader
    .replace("#include <common>", `#include <common>\n${names}${VERTEX_HEAD}`)
    .replace("#include <begin_vertex>", VERTEX_BODY)
    .replace("#include <project_vertex>", VERTEX_TAIL);
}

/** Lines of the model; drawn fainter from afar, and of what is only outlined. */
export function edgeMaterial(uniforms: SharedUniforms): THREE.ShaderMaterial {
  return new THREE.ShaderMaterial({
    uniforms: { ...uniforms, uStrength: { value: 1 } },
    transparent: true,
    depthWrite: false,
    clipping: true,
    vertexShader: /* glsl */ `
      attribute float aObject;
      attribute vec4 aColour;
      attribute vec3 iPlace;
      attribute float iObject;
      varying float vStrength;
      uniform float uStrength;
      ${stateOfRow}
      #include <clipping_planes_pars_vertex>
      void main() {
        int flags = int(stateOf(aObject + iObject).r + 0.5);
        vec4 mvPosition = modelViewMatrix * vec4(position + iPlace, 1.0);
        gl_Position = projectionMatrix * mvPosition;
        #include <clipping_planes_vertex>
        float fine = aColour.a < 0.3 ? 1.0 : 0.0;
        float far = -mvPosition.z;
        vStrength = uStrength * mix(0.62 * (1.0 - smoothstep(250.0, 900.0, far)), 0.5 * (1.0 - smoothstep(50.0, 240.0, far)), fine);
        if ((flags & 16) != 0) vStrength = fine > 0.5 ? 0.0 : 0.3;
        else if ((flags & 2) != 0) vStrength = 0.0;
        if ((flags & 4) != 0) vStrength = max(vStrength, 0.8);
        if ((flags & 1) != 0 || vStrength < 0.02) gl_Position = vec4(0.0, 0.0, -2.0, 1.0);
      }`,
    fragmentShader: /* glsl */ `
      uniform vec3 uInk;
      varying float vStrength;
      #include <clipping_planes_pars_fragment>
      void main() {
        #include <clipping_planes_fragment>
        gl_FragColor = vec4(uInk, vStrength);
        #include <colorspace_fragment>
      }`,
  });
}

/** The soft shadow at the foot of buildings. */
export function shadeMaterial(uniforms: SharedUniforms): THREE.ShaderMaterial {
  return new THREE.ShaderMaterial({
    uniforms,
    transparent: true,
    depthWrite: false,
    vertexShader: /* glsl */ `
      attribute vec4 aColour;
      varying float vDark;
      void main() {
        vDark = aColour.r;
        gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
      }`,
    fragmentShader: /* glsl */ `
      varying float vDark;
      void main() { gl_FragColor = vec4(0.05, 0.08, 0.11, vDark * 0.62); }`,
  });
}
