/** The live 3D view: the estate's GLB with its devices, kept true by the store. */

import type { Store } from "../store";
import type { Point3 } from "../types";

export interface SceneView {
  dispose(): void;
  flyTo(point_m: Point3, radius_m?: number): void;
  project(point_m: Point3): { x: number; y: number; visible: boolean };
}

/** Start the view inside `host`; it subscribes to the store itself. */
export function createScene(_host: HTMLElement, _store: Store): Promise<SceneView> {
  return Promise.reject(new Error("the 3D view is not part of this build"));
}
