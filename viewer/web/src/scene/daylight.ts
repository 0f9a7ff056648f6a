/** Sun and sky over the estate, by day and by night, and the colours of the page as the scene has them. */

import * as THREE from "three";
import type { Estate } from "./estate";

const SHADOW_MAP_PX = 4096;

export class Daylight {
  private readonly sun = new THREE.DirectionalLight(0xffffff, 2.4);
  private readonly sky = new THREE.HemisphereLight(0xffffff, 0xffffff, 1.9);
  readonly lights: readonly THREE.Object3D[] = [this.sun, this.sun.target, this.sky];

  constructor(
    private readonly estate: Estate,
    shadows: boolean,
  ) {
    this.place(shadows);
  }

  /** The sun stands in the south-west and its shadows cover all that stands on the land. */
  private place(shadows: boolean): void {
    const ball = this.estate.bounds.getBoundingSphere(new THREE.Sphere());
    const reach = Math.max(20, ball.radius * 1.02);
    this.sun.position.copy(ball.center).add(new THREE.Vector3(-1, 1.05, 0.42).normalize().multiplyScalar(reach * 2));
    this.sun.target.position.copy(ball.center);
    this.sun.castShadow = shadows;
    if (!shadows) return;
    const { camera, mapSize } = this.sun.shadow;
    mapSize.set(SHADOW_MAP_PX, SHADOW_MAP_PX);
    camera.left = camera.bottom = -reach;
    camera.right = camera.top = reach;
    camera.near = reach * 0.5;
    camera.far = reach * 3.5;
    this.sun.shadow.bias = -0.0006;
    this.sun.shadow.radius = 2.2;
    this.sun.shadow.intensity = 0.62;
  }

  /** Light and colours of the theme. */
  paint(dark: boolean): void {
    const { uniforms } = this.estate;
    uniforms.uAccent.value.copy(colourOf("--accent"));
    uniforms.uSky.value.copy(colourOf("--sky-top"));
    uniforms.uTint.value.set(dark ? "#7b8489" : "#ffffff");
    uniforms.uInk.value.copy(colourOf(dark ? "--wall-edge" : "--ink-2"));
    uniforms.uCutFace.value.copy(colourOf(dark ? "--hairline-2" : "--ink-2"));
    uniforms.uNight.value = dark ? 1 : 0;
    this.sun.color.set(dark ? "#b9d2e6" : "#fffaf2");
    this.sun.intensity = dark ? 1.25 : 2.25;
    this.sky.color.set(dark ? "#8296a4" : "#e6eef5");
    this.sky.groundColor.set(dark ? "#1d262c" : "#e9e5de");
    this.sky.intensity = dark ? 1.9 : 2.02;
  }
}

/** The colour of a token of the page, `--name`. */
export function colourOf(name: string): THREE.Color {
  const text = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  return text === "" ? new THREE.Color(0x66727d) : new THREE.Color(text);
}
