/** What a person can do: each sends one command, puts the answer into the store and says what happened. */

import { api, ApiError } from "./api";
import { coded, t } from "./i18n";
import { store } from "./store";
import type { Alarm, ObjectRef, Point3, WorkOrder, WorkOrderCommand } from "./types";
import { errorText } from "./ui/load";
import { uuid } from "./uuid";

/** Do it; say that it is done, or why not. */
export async function attempt<T>(doing: () => Promise<T>, done: string | null): Promise<T | null> {
  try {
    const result = await doing();
    if (done !== null) store.toast("done", done);
    return result;
  } catch (error) {
    store.toast("error", errorText(error));
    return null;
  }
}

/** Whoever is named on this page, else the person on duty, else the first of the staff. */
export function actor(): string {
  const staff = store.staff.value;
  const known = staff.find((s) => s.id === store.me.value);
  return (known ?? staff.find((s) => s.role === "duty" || s.role === "dispatcher") ?? staff[0])?.id ?? "system";
}

export async function acknowledge(alarm: Alarm): Promise<void> {
  const answer = await attempt(
    () => api.commandAlarm(alarm.id, { type: "acknowledge", actor: actor(), id: uuid() }),
    t("done.acknowledged"),
  );
  if (answer !== null) store.putAlarms([answer as Alarm]);
}

export async function shelve(alarm: Alarm, hours: number): Promise<void> {
  const until = new Date(Date.now() + hours * 3_600_000).toISOString();
  const answer = await attempt(
    () => api.commandAlarm(alarm.id, { type: "shelve", actor: actor(), until, id: uuid() }),
    t("done.shelved"),
  );
  if (answer !== null) store.putAlarms([answer as Alarm]);
}

/** Make an order of an alarm, and give it to someone where a name is given. */
export async function orderFromAlarm(alarm: Alarm, assignee: string, note: string): Promise<WorkOrder | null> {
  const order = (await attempt(
    () => api.commandAlarm(alarm.id, { type: "create_work_order", actor: actor(), reason: note, id: uuid() }),
    assignee === "" ? t("done.ordered") : null,
  )) as WorkOrder | null;
  if (order === null) return null;
  store.putOrders([order]);
  const linked = store.alarms.value.get(alarm.id);
  if (linked !== undefined) store.putAlarms([{ ...linked, work_order: order.id }]);
  return assignee === "" ? order : moveOrder(order, "assign", { assignee });
}

export async function requestOrder(
  place: ObjectRef,
  title: string,
  priority: number,
  assignee: string,
  note: string,
): Promise<WorkOrder | null> {
  const order = await attempt(
    () =>
      api.createOrder({
        title,
        place: { type: place.type, id: place.id },
        priority,
        note,
        actor: actor(),
        id: uuid(),
      }),
    assignee === "" ? t("done.ordered") : null,
  );
  if (order === null) return null;
  store.putOrders([order]);
  return assignee === "" ? order : moveOrder(order, "assign", { assignee });
}

export async function moveOrder(
  order: WorkOrder,
  type: WorkOrderCommand,
  more: { assignee?: string; note?: string; by?: string } = {},
): Promise<WorkOrder | null> {
  const { by, ...rest } = more;
  try {
    const answer = await api.commandOrder(order.id, { type, actor: by ?? actor(), id: uuid(), ...rest });
    store.putOrders([answer]);
    store.toast("done", t("done.order_moved"));
    return answer;
  } catch (error) {
    if (error instanceof ApiError && error.status === 409) await tellRefusal(order.id, type, error);
    else store.toast("error", errorText(error));
    return null;
  }
}

/** Mostly someone else was first: show the order as it is now, and say so in the words of the page. */
async function tellRefusal(id: string, type: WorkOrderCommand, refusal: ApiError): Promise<void> {
  const now = await attempt(() => api.order(id), null);
  if (now === null) return;
  store.putOrders([now]);
  const state = coded("order_state", now.state);
  const words = now.possible?.includes(type) ? refusal.message : t("error.refused", { state, command: coded("command", type) });
  store.toast("error", words);
}

export async function startIncident(incident: string, target: string): Promise<void> {
  await attempt(
    () => api.commandSimulator({ action: "start", incident, ...(target === "" ? {} : { target }), actor: actor() }),
    t("done.incident_started"),
  );
}

export async function stopIncident(incident: string, target: string | null): Promise<void> {
  await attempt(
    () => api.commandSimulator({ action: "stop", incident, ...(target === null ? {} : { target }), actor: actor() }),
    t("done.incident_stopped"),
  );
}

export async function setSpeed(speed: number): Promise<void> {
  await attempt(() => api.commandSimulator({ action: "speed", speed, actor: actor() }), null);
}

/** Select a thing and bring it into view. */
export function show(ref: ObjectRef, point_m: Point3 | null): void {
  store.select(ref);
  if (ref.type === "building" || ref.type === "storey") store.fit(ref);
  else if (point_m !== null) store.flyTo(point_m, ref.type === "device" ? 10 : 18);
}

/** Where an alarm points: its device, else its place. */
export function showAlarm(alarm: Alarm): void {
  const point_m = alarm.point_m ?? alarm.place?.point_m ?? null;
  if (alarm.device !== null) show({ type: "device", id: alarm.device }, point_m);
  else if (alarm.place !== null) show({ type: alarm.place.type, id: alarm.place.id }, point_m);
}
