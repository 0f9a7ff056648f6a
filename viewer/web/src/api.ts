/** All requests to the server, and the live feed: nothing else in the pages fetches. */

import { batch, effect } from "@preact/signals";
import type { FeatureCollection } from "geojson";
import { readCells } from "./coverage/cells";
import type { Answer, Followed, Packed, Question, Sighting, Successor, Suggested, WhatIf } from "./coverage/types";
import { decodeFrame } from "./feed";
import type { HydrantState, Identifiability, IsolationPlan, Leak, LeakCommand, LeakReport, NetworkFinding, PipeFlows, Trace, TraceDirection } from "./leak_types";
import { SiteIndex } from "./site_index";
import { store } from "./store";
import type {
  Point3,
  Alarm,
  Card,
  Found,
  Health,
  IndexDocument,
  IngestStatus,
  ObjectRef,
  NearestRoute,
  Route,
  Series,
  SimulatorStatus,
  SiteSummary,
  StaffMember,
  WorkOrder,
  WorkOrderCommand,
} from "./types";

/** A refusal of the server (RFC 9457), or no answer at all (status 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    detail: string,
  ) {
    super(detail || title);
  }
}

async function respond(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`/api${path}`, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "offline", "");
  }
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  const { title = response.statusText, detail = "" } = problem as { title?: string; detail?: string };
  throw new ApiError(response.status, title, detail);
}

async function request<T>(path: string, init: RequestInit = {}): Promise<T> {
  return (await (await respond(path, init)).json()) as T;
}

async function bytes(path: string, init: RequestInit = {}): Promise<ArrayBuffer> {
  return (await respond(path, init)).arrayBuffer();
}

function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return request<T>(path, signal === undefined ? {} : { signal });
}

function sent(body: object): RequestInit {
  return { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

function post<T>(path: string, body: object): Promise<T> {
  return request<T>(path, sent(body));
}

/** Ids hold slashes, which stay as they are in paths; everything else is escaped. */
export function idPath(id: string): string {
  return id.split("/").map(encodeURIComponent).join("/");
}

function here(): string {
  const site = store.site.value;
  if (site === null) throw new ApiError(0, "no site", "no site is loaded yet");
  return `/sites/${idPath(site.id)}`;
}

const query = (parameters: Record<string, string | number | undefined>): string => {
  const given = Object.entries(parameters).filter(([, v]) => v !== undefined && v !== "");
  return given.length === 0 ? "" : "?" + new URLSearchParams(given.map(([k, v]) => [k, String(v)])).toString();
};

export const api = {
  sites: () => get<{ items: { id: string }[] }>("/sites"),
  site: (id: string) => get<SiteSummary>(`/sites/${idPath(id)}`),
  index: () => get<IndexDocument>(`${here()}/index`),
  sceneUrl: () => `/api${here()}/scene.glb`,
  map: () => get<FeatureCollection>(`${here()}/map.geojson`),
  plan: (storey: string) => get<FeatureCollection>(`${here()}/storeys/${idPath(storey)}/plan.geojson`),
  search: (q: string, signal?: AbortSignal) =>
    get<{ items: Found[] }>(`${here()}/search${query({ q, limit: 30 })}`, signal),
  card: (ref: ObjectRef, signal?: AbortSignal) => get<Card>(`${here()}/objects/${ref.type}/${idPath(ref.id)}`, signal),
  series: (channel: string, start: Date | null, end: Date, points: number, signal?: AbortSignal) =>
    get<Series>(
      `${here()}/channels/${idPath(channel)}/series${query({
        start: start?.toISOString(),
        end: end.toISOString(),
        points,
      })}`,
      signal,
    ),
  ingest: () => get<IngestStatus>(`${here()}/ingest`),
  health: () => get<Health>("/health"),
  alarms: (state?: string) => get<{ items: Alarm[] }>(`${here()}/alarms${query({ state })}`),
  commandAlarm: (id: string, command: object) =>
    post<Alarm | WorkOrder>(`${here()}/alarms/${idPath(id)}/commands`, command),
  orders: () => get<{ items: WorkOrder[] }>(`${here()}/work-orders`),
  order: (id: string) => get<WorkOrder>(`${here()}/work-orders/${idPath(id)}`),
  createOrder: (order: object) => post<WorkOrder>(`${here()}/work-orders`, order),
  commandOrder: (
    id: string,
    command: { type: WorkOrderCommand; actor: string; assignee?: string; note?: string; id?: string },
  ) => post<WorkOrder>(`${here()}/work-orders/${idPath(id)}/commands`, command),
  staff: () => get<{ items: StaffMember[] }>(`${here()}/staff`),
  route: (from: string, to: string, signal?: AbortSignal, profile = "crew") =>
    get<Route>(`${here()}/route${query({ from, to, profile })}`, signal),
  nearest: (from: string, kind: string, profile: string, coming: boolean, most = 5, signal?: AbortSignal) =>
    get<NearestRoute>(`${here()}/route/nearest${query({ from, kind, profile, coming: String(coming), most: String(most) })}`, signal),
  leaks: () => get<LeakReport>(`${here()}/leaks`),
  leak: (id: string, signal?: AbortSignal) => get<Leak>(`${here()}/leaks/${idPath(id)}`, signal),
  commandLeak: (id: string, command: { type: LeakCommand; actor: string; reason?: string; id?: string }) =>
    post<Leak>(`${here()}/leaks/${idPath(id)}/commands`, command),
  isolation: (network: string, pipe: string, stuck: readonly string[]) =>
    get<IsolationPlan>(`${here()}/networks/${idPath(network)}/isolation${query({ pipe, stuck: stuck.join(",") })}`),
  noticeUrl: (network: string, pipe: string, stuck: readonly string[], start: string, hours: number) =>
    `/api${here()}/networks/${idPath(network)}/isolation/notice${query({ pipe, stuck: stuck.join(","), start, hours })}`,
  trace: (network: string, from: string, direction: TraceDirection) =>
    get<Trace>(`${here()}/networks/${idPath(network)}/trace${query({ from, direction })}`),
  flows: (network: string) => get<PipeFlows>(`${here()}/networks/${idPath(network)}/flows`),
  findings: (network: string, signal?: AbortSignal) =>
    get<{ items: NetworkFinding[]; hydrants: HydrantState[] }>(`${here()}/networks/${idPath(network)}/findings`, signal),
  identifiability: (network: string, size_m3_per_s: number) =>
    get<Identifiability>(`${here()}/networks/${idPath(network)}/identifiability${query({ size_m3_per_s })}`),
  coverage: async (kind: string): Promise<Answer> => readCells<Packed<Answer>>(await bytes(`${here()}/coverage/cells${query({ kind })}`)),
  whatIf: async (question: Question): Promise<WhatIf> =>
    readCells<Packed<WhatIf>>(await bytes(`${here()}/coverage/what-if`, sent(question))),
  suggestCameras: async (
    wish: { way: string; seconds: number; cameras?: number; places?: string[]; variant: Question },
    signal: AbortSignal,
  ): Promise<{ suggestions: Suggested[]; took_s: number }> => request(`${here()}/coverage/suggestions`, { ...sent(wish), signal }),
  changedDevices: async (question: Question): Promise<Blob> =>
    new Blob([await bytes(`${here()}/coverage/what-if/devices.csv`, sent(question))], { type: "text/csv" }),
  cameraPicture: async (camera: string, eye: number, question: Question, signal: AbortSignal): Promise<Blob> =>
    new Blob([await bytes(`${here()}/coverage/cameras/${idPath(camera)}/picture.png${query({ eye })}`, { ...sent(question), signal })], { type: "image/png" }),
  whoSees: (point_m: readonly [number, number, number], variant: Question) =>
    post<{ cameras: Sighting[] }>(`${here()}/coverage/point`, { x_m: point_m[0], y_m: point_m[1], z_m: point_m[2], variant }),
  /** Who sees somebody along a way. */
  followWay: (points_m: readonly Point3[], least_px_per_m: number, variant: Question) =>
    post<Followed>(`${here()}/coverage/way`, { points_m, least_px_per_m, variant }),
  /** What is in the way now, and the ways that are not as always. */
  evacuationNow: () => get<EvacuationNow>(`${here()}/evacuation?changed=true`),
  commandEvacuation: (command: object) => post<EvacuationNow>(`${here()}/evacuation/commands`, command),
  sendEvacuation: (actor: string) =>
    post<{ written: unknown[]; by_hand: unknown[] }>(`${here()}/evacuation/proposals/commands`, { type: "send", dry_run: false, actor }),
  /** An evacuation as it would go. */
  evacuation: (question: EvacuationQuestion) => post<Evacuation>(`${here()}/evacuation/simulation`, question),
  successors: (place: string, requirement: string, signal?: AbortSignal) =>
    get<{ cameras: Successor[] }>(`${here()}/coverage/places/${idPath(place)}/successors${query({ requirement })}`, signal),
  simulator: () => get<SimulatorStatus>(`${here()}/simulator`),
  commandSimulator: (command: object) => post<unknown>(`${here()}/simulator/commands`, command),
};

/** The site, its index and its standing lists; throws ApiError when the server does not answer. */
export async function loadSite(): Promise<void> {
  const { items } = await api.sites();
  const first = items[0];
  if (first === undefined) throw new ApiError(404, "no site", "this server has no site");
  store.site.value = await api.site(first.id);
  store.setIndex(new SiteIndex(await api.index()));
}

/** The report on leaks; a server without that part says so by 404. */
export async function loadLeaks(): Promise<void> {
  try {
    store.putReport(await api.leaks());
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    store.leaksState.value = error.status === 404 ? "absent" : { error: error.message };
  }
}

/** What runs through the pipes of all networks; one that cannot tell leaves the others. */
export async function loadFlows(): Promise<void> {
  const answers = await Promise.allSettled((store.site.value?.networks ?? []).map((n) => api.flows(n.id)));
  const items = answers.flatMap((a) => (a.status === "fulfilled" ? a.value.items : []));
  store.flows.value = new Map(items.map((flow) => [flow.pipe, flow]));
}

const FLOWS_EVERY_MS = 300_000;

/** Ask what runs through the pipes, again and again, for as long as they are in sight; the answer ends it. */
export function keepFlows(): () => void {
  return effect(() => {
    if (!store.flowsOn.value || !store.pipesInSight.value || store.index.value === null) return;
    void loadFlows();
    const timer = setInterval(() => void loadFlows(), FLOWS_EVERY_MS);
    return () => clearInterval(timer);
  });
}

/** Lists that live beside the telemetry; a part that the server does not have yet leaves its list empty. */
export async function loadStandings(): Promise<void> {
  const [alarms, orders, staff, simulator, health] = await Promise.allSettled([
    api.alarms(),
    api.orders(),
    api.staff(),
    api.simulator(),
    api.health(),
  ]);
  batch(() => {
    if (alarms.status === "fulfilled") store.putAlarms(alarms.value.items, true);
    if (orders.status === "fulfilled") {
      store.putOrders(orders.value.items, true);
      store.ordersLoaded.value = true;
    }
    if (staff.status === "fulfilled") store.staff.value = staff.value.items;
    if (simulator.status === "fulfilled") store.simulator.value = simulator.value;
    if (health.status === "fulfilled") store.health.value = health.value;
  });
}

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 10_000;

/** The live feed: reconnects by itself, waiting longer each time; the answer ends it. */
export function openFeed(): () => void {
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait_ms = FIRST_RETRY_MS;
  let ended = false;
  let reloading = false;

  const connect = (): void => {
    const index = store.index.value;
    if (ended || index === null) return;
    const address = new URL(`/api${here()}/feed`, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const ws = new WebSocket(address);
    socket = ws;
    ws.binaryType = "arraybuffer";
    ws.onopen = () => {
      ws.send(JSON.stringify({ type: "hello", index_version: index.version }));
      wait_ms = FIRST_RETRY_MS;
      store.connection.value = "live";
      // what was decided while we were away did not come over the feed
      void loadStandings();
      void loadLeaks();
    };
    ws.onmessage = (event: MessageEvent<ArrayBuffer | string>) => {
      if (typeof event.data === "string") readEvent(event.data);
      else void readFrame(event.data, ws);
    };
    ws.onclose = () => {
      if (ended || socket !== ws) return;
      store.connection.value = "lost";
      timer = setTimeout(connect, wait_ms * (0.7 + 0.6 * Math.random()));
      wait_ms = Math.min(LAST_RETRY_MS, wait_ms * 2);
    };
  };

  const readFrame = async (data: ArrayBuffer, ws: WebSocket): Promise<void> => {
    const frame = decodeFrame(data);
    if (frame.index_version !== store.index.value?.version) {
      if (reloading) return;
      reloading = true;
      try {
        await loadSite();
      } finally {
        reloading = false;
      }
      ws.close();
      return;
    }
    // a gap in the numbers needs nothing done: the server sends a snapshot after it
    store.applyFrame(frame);
  };

  connect();
  return () => {
    ended = true;
    clearTimeout(timer);
    socket?.close();
  };
}

function readEvent(data: string): void {
  const message = JSON.parse(data) as { type: string } & Record<string, unknown>;
  switch (message.type) {
    case "alarm":
      store.putAlarms([message.alarm as Alarm]);
      break;
    case "work_order":
      store.putOrders([message.work_order as WorkOrder]);
      break;
    case "evacuation":
      store.evacuationNews.value++;
      break;
    case "leaks":
      store.putReport(message.report as LeakReport);
      break;
    case "simulator": {
      const { type: _, ...status } = message;
      const before = store.simulator.value;
      store.simulator.value = {
        running: true,
        speed: null,
        site_time: null,
        incidents: [],
        catalog: [],
        ...before,
        ...(status as Partial<SimulatorStatus>),
      };
      break;
    }
    case "health": {
      const { type: _, ...health } = message;
      store.health.value = { ...store.health.value, ...health } as Health;
      break;
    }
  }
}

import type { Evacuation, EvacuationNow, EvacuationQuestion } from "./evacuation/types";