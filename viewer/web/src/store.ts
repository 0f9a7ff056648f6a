/**
 * All state of the pages, in one place. The scene, the map and the panels read it and change it through the
 * functions here; they never talk to each other or to the server.
 */

import { batch, computed, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import { LiveColumns, type Frame } from "./feed";
import type { Leak, LeakReport, PipeFlow } from "./leak_types";
import { overlayOf, type Lens, type Overlay } from "./overlay";
import { SiteIndex } from "./site_index";
import {
  SEVERITIES,
  type Alarm,
  type Health,
  type ObjectRef,
  type ObjectType,
  type Point3,
  type SimulatorStatus,
  type SiteSummary,
  type StaffMember,
  type WorkOrder,
} from "./types";

export type Connection = "connecting" | "live" | "lost";
export type Axis = "x" | "y" | "z";
export interface SectionPlane {
  axis: Axis;
  position_m: number;
  on: boolean;
  /** Keep the other side. */
  flip: boolean;
}
/** What alone is shown; a storey implies its building. */
export interface Isolation {
  building?: string;
  storey?: string;
}
/** Storeys shown by elevation: those whose floor lies within; null is all. */
export interface StoreyRange {
  from_m: number;
  to_m: number;
}
/** A wish to the camera; `serial` makes two equal wishes two. */
export type CameraRequest =
  | { kind: "fly"; point_m: Point3; radius_m: number; serial: number }
  | { kind: "fit"; ref: ObjectRef; serial: number }
  | { kind: "fit_all"; refs: readonly ObjectRef[]; serial: number }
  | { kind: "reset" | "top" | "north" | "zoom_in" | "zoom_out"; serial: number };
export type ViewMode = "orbit" | "walk";
export type DetailTab = "selection" | "alarms" | "leaks" | "coverage" | "evacuation" | "orders" | "site";
/** Whether the report on leaks has come; a server may have none, or fail to answer. */
export type LeaksState = "loading" | "ready" | "absent" | { error: string };
export interface Toast {
  id: number;
  kind: "done" | "error";
  text: string;
}
/** Rows whose value or quality changed; null means all of them. */
export type RowsListener = (rows: Uint32Array | null) => void;

/** Where panels are sheets (layout.css). */
export const SHEETS = "(max-width: 900px)";

export class Store {
  readonly site: Signal<SiteSummary | null> = signal(null);
  readonly index: Signal<SiteIndex | null> = signal(null);
  /** Latest values by row; the same object until the index changes. */
  live: LiveColumns = new LiveColumns(0);
  /** Rises with every frame written to `live`. */
  readonly frame = signal(0);
  readonly connection: Signal<Connection> = signal("connecting");
  readonly serverOffset_s = signal(0);

  readonly selection: Signal<ObjectRef | null> = signal(null);
  readonly hover: Signal<ObjectRef | null> = signal(null);
  readonly isolation: Signal<Isolation | null> = signal(null);
  readonly storeyRange: Signal<StoreyRange | null> = signal(null);
  readonly xray = signal(false);
  readonly sectionPlane: Signal<SectionPlane> = signal({ axis: "x", position_m: 0, on: false, flip: false });
  /** Systems that are switched off; all others show. */
  readonly systemsOff: Signal<ReadonlySet<string>> = signal(new Set<string>());
  /** What runs through each pipe, by its id, as last asked. */
  readonly flows: Signal<ReadonlyMap<string, PipeFlow>> = signal(new Map());
  readonly flowsOn = signal(true);
  readonly viewMode: Signal<ViewMode> = signal("orbit");
  readonly camera: Signal<CameraRequest | null> = signal(null);
  readonly theme: Signal<"light" | "dark"> = signal("light");
  readonly language: Signal<"zh" | "en"> = signal("zh");

  readonly alarms: Signal<ReadonlyMap<string, Alarm>> = signal(new Map());
  readonly orders: Signal<ReadonlyMap<string, WorkOrder>> = signal(new Map());
  /** Whether the list of orders has come at all: before that, "none" would be a guess. */
  readonly ordersLoaded = signal(false);
  /** Counts up whenever ways out have changed. */
  readonly evacuationNews: Signal<number> = signal(0);
  readonly leaks: Signal<LeakReport | null> = signal(null);
  readonly leaksState: Signal<LeaksState> = signal("loading");
  /** Leaks that are over, newest first. */
  readonly pastLeaks: Signal<readonly Leak[]> = signal([]);
  /** The leak whose particulars are open in the panel. */
  readonly openLeak: Signal<string | null> = signal(null);
  /** What is asked of the networks and lies over the estate. */
  readonly lens: Signal<Lens | null> = signal(null);
  readonly staff: Signal<StaffMember[]> = signal([]);
  readonly simulator: Signal<SimulatorStatus | null> = signal(null);
  readonly health: Signal<Health | null> = signal(null);
  readonly updatesPerSecond = signal(0);
  /** Devices by the quality of their primary channel: good, uncertain, stale, bad, never. */
  readonly qualityCounts: Signal<readonly number[]> = signal([0, 0, 0, 0, 0]);
  /** Epoch seconds by the server's clock, once a second. */
  readonly now_s = signal(Date.now() / 1000);

  /** Who gives the commands on this page: a staff id. */
  readonly me: Signal<string | null> = signal(null);
  readonly detailTab: Signal<DetailTab> = signal("selection");
  /** The sheet that is open where there is no room for panels. */
  readonly sheet: Signal<"find" | "details" | null> = signal(null);
  /** So much of the view's lower part a sheet covers. */
  readonly covered_px = signal(0);
  /** What is shown goes to paper: lists are whole, folds are open. */
  readonly printing = signal(false);
  /** A picture of the view as it stands, as a data address; none where there is no view. */
  takeStill: (() => string) | null = null;
  readonly helpOpen = signal(false);
  readonly toasts: Signal<readonly Toast[]> = signal([]);

  /** Alarms that still ask for attention, worst and newest first. */
  readonly activeAlarms: ReadonlySignal<Alarm[]> = computed(() =>
    [...this.alarms.value.values()].filter((a) => a.state !== "cleared").sort(byUrgency),
  );
  /** The worst active alarm of each device that has one; shelved ones do not colour it. */
  readonly alarmByDevice: ReadonlySignal<ReadonlyMap<string, Alarm>> = computed(() => {
    const worst = new Map<string, Alarm>();
    for (const alarm of this.activeAlarms.value) {
      if (alarm.device !== null && alarm.state !== "shelved" && !worst.has(alarm.device)) worst.set(alarm.device, alarm);
    }
    return worst;
  });

  /** Leaks that someone must still do something about, the largest first. */
  readonly openLeaks: ReadonlySignal<Leak[]> = computed(() =>
    (this.leaks.value?.leaks ?? [])
      .filter((leak) => leak.state !== "repaired" && leak.state !== "dismissed")
      .sort((a, b) => b.size_m3_per_s - a.size_m3_per_s),
  );
  readonly overlay: ReadonlySignal<Overlay | null> = computed(() => {
    const lens = this.lens.value;
    return lens === null ? null : overlayOf(lens, [...(this.leaks.value?.leaks ?? []), ...this.pastLeaks.value]);
  });

  /** The only devices that show, beside those in alarm, while something is planned with them; null shows all. */
  readonly devicesBeside: Signal<ReadonlySet<string> | null> = signal(null);
  /** Whether pipes are in sight, or may be. */
  readonly pipesInSight: ReadonlySignal<boolean> = computed(() => {
    const piped = this.selection.value?.type === "pipe" || this.selection.value?.type === "node";
    const opened = this.xray.value || this.sectionPlane.value.on || this.isolation.value !== null || this.index.value?.buildings.length === 0;
    return piped || opened || this.lens.value !== null;
  });

  private readonly listeners = new Set<RowsListener>();
  private serial = 0;
  private received = 0;

  /** Call back whenever rows change; the answer ends it. */
  onRows(listener: RowsListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  setIndex(index: SiteIndex): void {
    batch(() => {
      this.live = new LiveColumns(index.rows);
      this.index.value = index;
      this.frame.value++;
    });
    this.tell(null);
  }

  applyFrame(frame: Frame): void {
    this.live.apply(frame);
    this.received += frame.snapshot ? 0 : frame.rows.length;
    this.serverOffset_s.value = frame.server_time_s - Date.now() / 1000;
    this.frame.value++;
    this.tell(frame.snapshot ? null : frame.rows);
  }

  /** Called once a second: the clock, the updates since the last call, the devices by quality. */
  tick(): void {
    const counts = [0, 0, 0, 0, 0];
    const rows = this.index.value?.primaryRow ?? new Int32Array(0);
    for (const row of rows) if (row >= 0) counts[this.live.quality[row]!]!++;
    batch(() => {
      this.now_s.value = Date.now() / 1000 + this.serverOffset_s.value;
      this.updatesPerSecond.value = this.received;
      if (counts.some((n, k) => n !== this.qualityCounts.value[k])) this.qualityCounts.value = counts;
    });
    this.received = 0;
  }

  toast(kind: Toast["kind"], text: string): void {
    const id = ++this.serial;
    this.toasts.value = [...this.toasts.value.slice(-2), { id, kind, text }];
    setTimeout(() => this.dismiss(id), kind === "error" ? 8000 : 3500);
  }

  dismiss(toast: number): void {
    this.toasts.value = this.toasts.value.filter((one) => one.id !== toast);
  }

  putAlarms(alarms: readonly Alarm[], replace = false): void {
    const next = new Map(replace ? [] : this.alarms.value);
    for (const alarm of alarms) next.set(alarm.id, alarm);
    this.alarms.value = next;
  }

  putOrders(orders: readonly WorkOrder[], replace = false): void {
    const next = new Map(replace ? [] : this.orders.value);
    for (const order of orders) next.set(order.id, order);
    this.orders.value = next;
  }

  putReport(report: LeakReport): void {
    batch(() => {
      this.leaks.value = report;
      this.leaksState.value = "ready";
      if (report.past !== undefined) this.pastLeaks.value = report.past;
    });
  }

  /** One leak as a command left it: still among the open ones, or over. */
  putLeak(leak: Leak): void {
    const report = this.leaks.value;
    if (report === null) return;
    const put = (list: readonly Leak[]): Leak[] => list.map((one) => (one.id === leak.id ? leak : one));
    batch(() => {
      this.leaks.value = { ...report, leaks: put(report.leaks) };
      this.pastLeaks.value = put(this.pastLeaks.value);
    });
  }

  leak(id: string): Leak | undefined {
    return this.leaks.value?.leaks.find((l) => l.id === id) ?? this.pastLeaks.value.find((l) => l.id === id);
  }

  select(ref: ObjectRef | null): void {
    const now = this.selection.value;
    batch(() => {
      if (ref !== null) {
        // a camera that is being planned with is shown among its like
        const planned = ref.type === "device" && this.detailTab.value === "coverage" && this.devicesBeside.value?.has(ref.id);
        if (planned !== true) this.detailTab.value = "selection";
        this.sheet.value = "details";
      }
      if (now?.id !== ref?.id || now?.type !== ref?.type) this.selection.value = ref;
    });
  }

  isSelected(type: ObjectType, id: string): boolean {
    return this.selection.value?.type === type && this.selection.value.id === id;
  }

  isolate(isolation: Isolation | null): void {
    if (isolation?.storey !== undefined && isolation.building === undefined) {
      const building = this.index.value?.storey.get(isolation.storey)?.building;
      isolation = building === undefined ? isolation : { building, storey: isolation.storey };
    }
    const [now, next] = [this.isolation.peek(), isolation];
    this.isolation.value = isolation;
    if (next === null || (next.building === now?.building && next.storey === now?.storey)) return;
    // what stands alone is what one wants to see
    if (next.storey !== undefined) this.fit({ type: "storey", id: next.storey });
    else if (next.building !== undefined) this.fit({ type: "building", id: next.building });
  }

  toggleSystem(system: string): void {
    const off = new Set(this.systemsOff.value);
    if (!off.delete(system)) off.add(system);
    this.systemsOff.value = off;
  }

  flyTo(point_m: Point3, radius_m = 12): void {
    this.camera.value = { kind: "fly", point_m, radius_m, serial: ++this.serial };
  }

  /** Bring a whole thing into view; the scene knows its extent. */
  fit(ref: ObjectRef): void {
    this.camera.value = { kind: "fit", ref, serial: ++this.serial };
  }

  /** Where panels are sheets over the view, put them away. */
  uncover(): void {
    if (typeof matchMedia === "function" && matchMedia(SHEETS).matches) this.sheet.value = null;
  }

  /** Bring all of these into view at once. */
  fitAll(refs: readonly ObjectRef[]): void {
    if (refs.length > 0) this.camera.value = { kind: "fit_all", refs, serial: ++this.serial };
  }

  moveCamera(kind: "reset" | "top" | "north" | "zoom_in" | "zoom_out"): void {
    this.camera.value = { kind, serial: ++this.serial };
  }

  /** Everything shown again as at the start; what is selected stays. */
  resetView(): void {
    batch(() => {
      this.isolation.value = null;
      this.storeyRange.value = null;
      this.xray.value = false;
      this.sectionPlane.value = { ...this.sectionPlane.value, on: false };
      this.systemsOff.value = new Set();
      this.viewMode.value = "orbit";
      this.lens.value = null;
      this.moveCamera("reset");
    });
  }

  private tell(rows: Uint32Array | null): void {
    for (const listener of this.listeners) listener(rows);
  }
}

function byUrgency(a: Alarm, b: Alarm): number {
  const asleep = Number(a.state === "shelved") - Number(b.state === "shelved");
  const worse = SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity);
  return asleep || worse || b.raised_at.localeCompare(a.raised_at);
}

/** The one store of this page. */
export const store = new Store();
