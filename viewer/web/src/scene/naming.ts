/** Which names stand over the view: of buildings, of alarms, of what lies over the estate, of what is selected. */

import * as THREE from "three";
import { said } from "../i18n";
import { networkOf, withoutNetwork } from "../overlay";
import type { SiteIndex } from "../site_index";
import type { Store } from "../store";
import type { ObjectRef } from "../types";
import type { Devices } from "./devices";
import { toThree, type Estate } from "./estate";
import type { Label } from "./labels";
import type { Shading } from "./shading";

const MOST_ALARM_LABELS = 14;

export interface Seen {
  store: Store;
  index: SiteIndex;
  estate: Estate;
  devices: Devices;
  shading: Shading;
}

export function labelsOf(seen: Seen): Label[] {
  const { store, index, estate, devices, shading } = seen;
  const labels: Label[] = [];
  const isolation = store.isolation.peek();
  const selection = store.selection.peek();
  for (const building of index.buildings) {
    if (isolation !== null && isolation.building !== building.id) continue;
    const box = estate.box({ type: "building", id: building.id });
    if (box === null || box.max.y < 0.5) continue;
    const point = box.getCenter(new THREE.Vector3()).setY(box.max.y + 1);
    labels.push({ key: `b:${building.id}`, text: said(building.name) || building.id, point, kind: "building", rank: box.max.y });
  }
  for (const alarm of store.activeAlarms.peek().slice(0, MOST_ALARM_LABELS)) {
    const k = alarm.device === null ? undefined : index.position.get(alarm.device);
    if (k === undefined || alarm.state === "shelved" || !devices.isShown(k)) continue;
    const point = toThree(index.point(k));
    labels.push({ key: `a:${alarm.id}`, text: said(alarm.name), point, kind: alarm.severity, rank: 5000 });
  }
  labels.push(...shading.labels());
  const selected = selection === null ? null : labelOf(seen, selection);
  if (selected !== null) labels.push(selected);
  return labels;
}

function labelOf({ store, index, estate }: Seen, ref: ObjectRef): Label | null {
  if (ref.type === "device") {
    const k = index.position.get(ref.id);
    if (k === undefined) return null;
    const text = said(index.name(k)) || ref.id;
    return { key: "selected", text, point: toThree(index.point(k)), kind: "selected", rank: 9000 };
  }
  const box = estate.box(ref);
  if (box === null || ref.type === "building" || ref.type === "space") return null; // floors are coloured whole
  const storey = ref.type === "storey" ? index.storey.get(ref.id) : undefined;
  const network = networkOf(ref, store.site.peek()?.networks ?? []);
  const text = (storey && said(storey.name)) || (network === null ? ref.id : withoutNetwork(network, ref.id));
  return { key: "selected", text, point: box.getCenter(new THREE.Vector3()), kind: "selected", rank: 9000 };
}
