/** Coverage in the live view: follows the planner's workspace, and lets the chosen camera be aimed by hand. */

import { effect } from "@preact/signals";
import * as THREE from "three";
import { scaleOf } from "../coverage/colours";
import { aimedAt } from "../coverage/fields";
import * as sighting from "../coverage/sightings";
import * as coverage from "../coverage/state";
import * as way from "../coverage/way";
import type { Store } from "../store";
import { CoverageLayer } from "./coverage_layer";
import { toSite, toThree } from "./estate";
import type { Rig } from "./rig";

const GRIP_PX = 18;
const CLICK_PX = 5;
/** Left in the browser's timeline by each picture whose cells are new: `plumbline bench coverage` reads it. */
const DRAWN = "plumbline:coverage-drawn";

interface Parts {
  scene: THREE.Scene;
  rig: Rig;
  canvas: HTMLCanvasElement;
  store: Store;
  ask: () => void;
  /** Where a ray first meets what is shown; null where it meets nothing. */
  surface: (ray: THREE.Ray) => THREE.Vector3 | null;
  colour: (name: string) => THREE.Color;
}

export interface CoverageView {
  /** Before a picture is drawn. */
  draw(focal_px: number): void;
  /** The page's colours have changed. */
  paint(): void;
  dispose(): void;
}

export function watchCoverage({ scene, rig, canvas, store, ask, surface, colour }: Parts): CoverageView {
  const layer = new CoverageLayer();
  scene.add(layer.root);
  let painted = false;
  const floors = (): void => {
    const index = store.index.value;
    const scale = scaleOf(coverage.answer.value, coverage.edition.value);
    const isolation = store.isolation.value;
    layer.setPlaces(
      coverage.shown.value
        ? { places: coverage.places.value, before: coverage.before.value, by: coverage.by.value, scale, isolation, buildingOf: (id) => index?.storey.get(id)?.building }
        : null,
      colour,
    );
    painted = true;
    ask();
  };
  const field = (): void => {
    const camera = coverage.shown.value ? coverage.chosen.value : null;
    layer.setCamera(camera, camera === null ? 0 : coverage.floorOf(camera), colour("--accent"));
    ask();
  };
  const gaps = (): void => {
    const place = coverage.shown.value ? coverage.openedPlace.value : undefined;
    const chosen = coverage.openGap.value;
    const gap = place !== undefined && chosen !== null ? place.gaps[chosen] : undefined;
    const near = gap === undefined ? undefined : coverage.cameras.value.get(gap.nearest[0] ?? "");
    layer.setGaps(place?.gaps ?? [], gap === undefined ? null : chosen, near?.position_m ?? null, colour("--critical"));
    ask();
  };
  const sights = (): void => {
    const point = coverage.shown.value && sighting.asking.value ? sighting.asked.value : null;
    const seen = (sighting.sightings.value ?? []).flatMap((one) => {
      const from = coverage.cameras.value.get(one.id)?.position_m;
      return from === undefined ? [] : [{ from, isSeen: !one.is_hidden && !one.is_offline }];
    });
    layer.setSights(point, seen, colour("--good"), colour("--critical"));
    ask();
  };
  const ways = (): void => {
    const points = coverage.shown.value ? way.points.value : [];
    layer.setWay(points, points.length > 1 ? way.stretches.value.map((part) => ({ points: part.points, isSeen: part.camera !== null })) : [], colour);
    ask();
  };
  const endings = [effect(floors), effect(field), effect(gaps), effect(sights), effect(ways)];

  let grip: { pointer: number; handle: THREE.Mesh } | null = null;
  const local = (event: PointerEvent): THREE.Vector2 => {
    const frame = canvas.getBoundingClientRect();
    return new THREE.Vector2(event.clientX - frame.left, event.clientY - frame.top);
  };
  /** The handle under the pointer, the nearer one on the screen. */
  const handleAt = (event: PointerEvent): THREE.Mesh | null => {
    const frame = canvas.getBoundingClientRect();
    const [nearest] = [layer.handle, layer.mover]
      .filter((handle) => handle.visible)
      .map((handle) => {
        const at = handle.position.clone().project(rig.camera);
        const there = new THREE.Vector2(((at.x + 1) / 2) * frame.width, ((1 - at.y) / 2) * frame.height);
        return { handle, off_px: at.z < 1 ? local(event).distanceTo(there) : Infinity };
      })
      .filter(({ off_px }) => off_px <= GRIP_PX)
      .sort((a, b) => a.off_px - b.off_px);
    return nearest?.handle ?? null;
  };
  const rayAt = (event: PointerEvent): THREE.Ray => {
    const frame = canvas.getBoundingClientRect();
    const { x, y } = local(event);
    const caster = new THREE.Raycaster();
    caster.setFromCamera(new THREE.Vector2((x / frame.width) * 2 - 1, 1 - (y / frame.height) * 2), rig.camera);
    return caster.ray;
  };
  /** The floor of the camera under the pointer. */
  const floorAt = (event: PointerEvent, floor_m: number): THREE.Vector3 | null =>
    rayAt(event).intersectPlane(new THREE.Plane(new THREE.Vector3(0, 1, 0), -floor_m), new THREE.Vector3());
  let pressed: { x: number; y: number; id: number } | null = null;
  const onDown = (event: PointerEvent): void => {
    pressed = event.isPrimary && event.button === 0 ? { x: event.clientX, y: event.clientY, id: event.pointerId } : null;
    const handle = handleAt(event);
    if (!event.isPrimary || event.button !== 0 || handle === null) return;
    grip = { pointer: event.pointerId, handle };
    rig.orbit.enabled = false;
    canvas.setPointerCapture(event.pointerId);
    event.stopImmediatePropagation();
  };
  const onMove = (event: PointerEvent): void => {
    const { camera } = layer;
    if (grip?.pointer !== event.pointerId || camera === null) {
      if (grip === null && event.pointerType === "mouse" && handleAt(event) !== null) canvas.style.cursor = "grab";
      return;
    }
    event.stopImmediatePropagation();
    canvas.style.cursor = "grabbing";
    const moves = grip.handle === layer.mover;
    const point = floorAt(event, moves ? camera.position_m[2] : coverage.floorOf(camera));
    if (point === null) return;
    const target = toSite(point);
    grip.handle.position.copy(toThree(target));
    coverage.change(camera.id, moves ? { x_m: centimetres(target[0]), y_m: centimetres(target[1]) } : aimedAt(camera.position_m, target));
    ask();
  };
  /** A click while points are asked about: who sees whoever stands there. */
  const askAt = (event: PointerEvent): void => {
    const start = pressed;
    pressed = null;
    if (event.type !== "pointerup" || !coverage.shown.peek() || !(sighting.asking.peek() || way.drawing.peek()) || start?.id !== event.pointerId) return;
    if (Math.hypot(event.clientX - start.x, event.clientY - start.y) > CLICK_PX) return;
    const point = surface(rayAt(event));
    if (point === null) return;
    if (way.drawing.peek()) way.add(toSite(point));
    else void sighting.ask(toSite(point));
  };
  const onUp = (event: PointerEvent): void => {
    if (grip?.pointer !== event.pointerId) {
      askAt(event);
      return;
    }
    grip = null;
    rig.orbit.enabled = true;
    canvas.style.cursor = "";
    event.stopImmediatePropagation();
  };
  // before the orbit and the click that selects: whoever holds the handle does not want either
  canvas.addEventListener("pointerdown", onDown, { capture: true });
  canvas.addEventListener("pointermove", onMove, { capture: true });
  canvas.addEventListener("pointerup", onUp, { capture: true });
  canvas.addEventListener("pointercancel", onUp, { capture: true });
  return {
    draw: (focal_px) => {
      layer.scale(rig.camera, focal_px);
      if (painted) performance.mark(DRAWN);
      painted = false;
    },
    paint: () => {
      floors();
      field();
      gaps();
      sights();
      ways();
    },
    dispose: () => {
      for (const end of endings) end();
      canvas.removeEventListener("pointerdown", onDown, { capture: true });
      canvas.removeEventListener("pointermove", onMove, { capture: true });
      canvas.removeEventListener("pointerup", onUp, { capture: true });
      canvas.removeEventListener("pointercancel", onUp, { capture: true });
      layer.dispose();
    },
  };
}

function centimetres(metres: number): number {
  return Math.round(metres * 100) / 100;
}
