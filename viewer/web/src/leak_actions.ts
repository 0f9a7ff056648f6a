/** What a person can ask of the networks and do about a leak. */

import { batch } from "@preact/signals";
import { actor, attempt } from "./actions";
import { api } from "./api";
import { said, t } from "./i18n";
import type { Identifiability, Leak, LeakCommand, Measurement, TraceDirection } from "./leak_types";
import { networkOf, within, withoutNetwork, type ReachMeasure } from "./overlay";
import { store } from "./store";
import type { ObjectRef, WorkOrder } from "./types";
import { uuid } from "./uuid";

/** Open a leak in the panel and lay its candidates over the estate. */
export function openLeak(leak: Leak): void {
  batch(() => {
    store.openLeak.value = leak.id;
    store.detailTab.value = "leaks";
    showCandidates(leak);
  });
}

export function closeLeak(): void {
  batch(() => {
    store.openLeak.value = null;
    if (store.lens.value?.kind === "leak") store.lens.value = null;
  });
}

export function showCandidates(leak: Leak): void {
  batch(() => {
    store.lens.value = { kind: "leak", leak: leak.id };
    const area = leak.area_50.objects.length > 0 ? leak.area_50 : leak.area_90;
    store.fitAll(area.objects.map((id) => candidateRef(leak, id)));
  });
}

/** An object of a leak's area: a flat where the candidates say so, else a pipe. */
export function candidateRef(leak: Leak, id: string): ObjectRef {
  return { type: leak.candidates.find((c) => c.id === id)?.type ?? thing(id)?.type ?? "pipe", id };
}

/** What an id of a report stands for; a pipe and a node of one network look alike, the hint decides. */
export function thing(id: string, hint: "pipe" | "node" = "pipe"): ObjectRef | null {
  const index = store.index.peek();
  if (index === null) return null;
  if (index.position.has(id)) return { type: "device", id };
  if (index.building.has(id)) return { type: "building", id };
  if (index.storey.has(id)) return { type: "storey", id };
  if (networkOf({ type: hint, id }, store.site.peek()?.networks ?? []) !== null) return { type: hint, id };
  return { type: "space", id };
}

/** Where a measurement is to be made. */
export function measurementRefs(measurement: Measurement): ObjectRef[] {
  const hint = measurement.kind === "move_sensor" ? "node" : "pipe";
  return measurement.objects.flatMap((id) => thing(id, hint) ?? []);
}

/** Bring things into view, and select the first where it is but one; the leak stays open in its tab. */
export function lookAt(refs: readonly ObjectRef[]): void {
  const tab = store.detailTab.peek();
  batch(() => {
    if (refs.length === 1) store.select(refs[0]!);
    store.detailTab.value = tab;
    store.fitAll(refs);
    store.uncover();
  });
}

const DONE = {
  create_work_order: "done.ordered",
  report_repaired: "done.leak_repaired",
  dismiss: "done.leak_dismissed",
  reopen: "done.leak_reopened",
} as const;

/** Give a command about a leak; the answer is the leak as it then is. */
export async function commandLeak(leak: Leak, type: LeakCommand, reason?: string): Promise<Leak | null> {
  const command = { type, actor: actor(), id: uuid(), ...(reason === undefined ? {} : { reason }) };
  const answer = await attempt(() => api.commandLeak(leak.id, command), t(DONE[type]));
  if (answer !== null) store.putLeak(answer);
  return answer;
}

/** The pipe that a leak is most likely on, if it is on any. */
export function likeliestPipe(leak: Leak): ObjectRef | null {
  const pipe = leak.candidates.find((c) => c.type === "pipe");
  return pipe === undefined ? null : { type: "pipe", id: pipe.id };
}

let asked = 0;
/** The answer to the question asked last; that of an earlier one, coming late, is dropped. */
async function latest<T>(ask: () => Promise<T>): Promise<T | null> {
  const mine = ++asked;
  const answer = await attempt(ask, null);
  return mine === asked ? answer : null;
}

/** Which valves to close to cut a pipe off, with those left out that are known not to move. */
export async function askPlan(pipe: ObjectRef, stuck: readonly string[] = []): Promise<void> {
  const network = networkOf(pipe, store.site.value?.networks ?? []);
  if (network === null) return;
  const plan = await latest(() => api.isolation(network, withoutNetwork(network, pipe.id), stuck.map((v) => withoutNetwork(network, v))));
  if (plan === null) return;
  batch(() => {
    store.select(pipe);
    store.lens.value = { kind: "plan", network, pipe: pipe.id, stuck, plan };
    store.fitAll([pipe, ...plan.close.map((v): ObjectRef => ({ type: "pipe", id: within(network, v.valve) }))]);
  });
}

/** An order to close the valves of a plan, in its order. */
export async function orderPlan(): Promise<WorkOrder | null> {
  const lens = store.lens.value;
  if (lens?.kind !== "plan") return null;
  const { plan, pipe } = lens;
  const short = withoutNetwork(lens.network, pipe);
  const valves = [...plan.close].sort((a, b) => a.order - b.order).map((v) => `${v.order}. ${said(v.name) || v.valve}`);
  const order = await attempt(
    () =>
      api.createOrder({
        title: { zh: `关阀隔离 ${short}`, en: `Shut down ${short}` },
        place: { type: "pipe", id: pipe },
        priority: 2,
        note: valves.join("\n"),
        actor: actor(),
        id: uuid(),
      }),
    t("done.ordered"),
  );
  if (order !== null) store.putOrders([order]);
  return order;
}

export async function askTrace(from: ObjectRef, direction: TraceDirection): Promise<void> {
  const network = networkOf(from, store.site.value?.networks ?? []);
  if (network === null) return;
  const trace = await latest(() => api.trace(network, withoutNetwork(network, from.id), direction));
  if (trace === null) return;
  batch(() => {
    store.lens.value = { kind: "trace", network, from, direction, trace };
    store.fitAll([from, ...trace.pipes.map((id): ObjectRef => ({ type: "pipe", id: within(network, id) }))]);
  });
}

/** The answer with the places of its sensors, which the junctions' cards know. */
async function placed(network: string, size_m3_per_s: number): Promise<Identifiability> {
  const reach = await api.identifiability(network, size_m3_per_s);
  const cards = await Promise.all(reach.next_sensors.map((s) => api.card({ type: "node", id: within(network, s.node) })));
  return { ...reach, next_sensors: reach.next_sensors.map((sensor, k) => ({ ...sensor, point_m: cards[k]!.point_m })) };
}

const reaches = new Map<string, Identifiability>();

/** How a leak of this size would be found, pipe by pipe. */
export async function askReach(network: string, size_m3_per_s: number, by: ReachMeasure): Promise<void> {
  const key = `${store.index.value?.version}|${network}|${size_m3_per_s}`;
  const reach = reaches.get(key) ?? (await latest(() => placed(network, size_m3_per_s)));
  if (reach === null) return;
  reaches.set(key, reach);
  store.lens.value = { kind: "reach", network, by, reach };
}
