/** The live 3D view: the estate's GLB with its devices, kept true by the store. */

import { effect } from "@preact/signals";
import { api } from "../api";
import type { SiteIndex } from "../site_index";
import "../outside";
import type { Store } from "../store";
import type { Point3 } from "../types";
import { readScene, SceneFileError } from "./glb";
import { View, type Quality } from "./view";

export interface SceneView {
  dispose(): void;
  flyTo(point_m: Point3, radius_m?: number): void;
  /** Where a point of the site frame is in the window [CSS px], and whether it is in sight. */
  project(point_m: Point3): { x: number; y: number; visible: boolean };
}

/** Start the view inside `host`; it subscribes to the store itself. Rejects where there is no scene or no WebGL. */
export async function createScene(host: HTMLElement, store: Store): Promise<SceneView> {
  const index = await standing(store);
  const response = await fetch(api.sceneUrl());
  if (!response.ok) throw new SceneFileError(`the server answers ${response.status} for the scene`);
  const file = readScene(await response.arrayBuffer());
  const view = new View(host, store, index, file, wantedQuality());
  window.plumbline = { ...window.plumbline, scene: view };
  store.takeStill = () => view.still();
  return {
    dispose: () => {
      view.dispose();
      store.takeStill = null;
      delete window.plumbline?.scene;
    },
    flyTo: (point_m, radius_m) => view.flyTo(point_m, radius_m),
    project: (point_m) => view.project(point_m),
  };
}

/** The index, as soon as it is loaded. */
function standing(store: Store): Promise<SiteIndex> {
  return new Promise((resolve) => {
    const end = effect(() => {
      const index = store.index.value;
      if (index === null || store.site.value === null) return;
      resolve(index);
      queueMicrotask(() => end());
    });
  });
}

/** As the address says (`?quality=low`); else by whether a graphics card draws or the processor must. */
export function wantedQuality(search = window.location.search): Quality {
  const said = new URLSearchParams(search).get("quality");
  if (said === "low" || said === "high") return said;
  const gl = document.createElement("canvas").getContext("webgl2");
  const names = gl?.getExtension("WEBGL_debug_renderer_info");
  const drawnBy = gl && names ? String(gl.getParameter(names.UNMASKED_RENDERER_WEBGL)) : "";
  gl?.getExtension("WEBGL_lose_context")?.loseContext();
  return /swiftshader|llvmpipe|software|basic render/i.test(drawnBy) ? "low" : "high";
}
