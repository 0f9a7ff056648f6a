/** Work orders on the engineer's page: who does what, how far it is, and the next step. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { moveOrder, requestOrder, show } from "../actions";
import { coded, said, t } from "../i18n";
import { store } from "../store";
import type { Found, ObjectRef, WorkOrder, WorkOrderCommand } from "../types";
import { Button, Dialog, Empty, Segmented, Select } from "../ui/controls";
import { ageText, clockText, instant } from "../units";
import { useStaffOptions } from "../ways/staff";
import { OrderStateTag } from "./marks";

const CLOSED = new Set(["done", "verified", "cancelled"]);

export function staffName(id: string | null): string {
  if (id === null) return t("order.nobody");
  if (id === "system") return t("order.system");
  return said(store.staff.value.find((s) => s.id === id)?.name) || id;
}

export function byPriority(a: WorkOrder, b: WorkOrder): number {
  return a.priority - b.priority || b.created_at.localeCompare(a.created_at);
}

export function OrdersPanel(): JSX.Element {
  const [filter, setFilter] = useState<"open" | "closed">("open");
  const all = [...store.orders.value.values()].sort(byPriority);
  const open = all.filter((o) => !CLOSED.has(o.state));
  const shown = filter === "open" ? open : all.filter((o) => CLOSED.has(o.state));
  return (
    <div class="orders">
      <Segmented
        label={t("orders.filter")}
        value={filter}
        onChange={setFilter}
        options={[
          { value: "open", text: t("orders.open", { n: open.length }) },
          { value: "closed", text: t("orders.closed", { n: all.length - open.length }) },
        ]}
      />
      {shown.length === 0 ? (
        <Empty icon="order" title={t("orders.none")}>
          {t("orders.none_hint")}
        </Empty>
      ) : (
        shown.map((order) => <OrderRow key={order.id} order={order} />)
      )}
    </div>
  );
}

/** What the desk does to an order; the rest is the crew's, on their own page. */
const DESK: readonly WorkOrderCommand[] = ["assign", "verify", "reopen", "cancel"];

export function OrderRow({ order }: { order: WorkOrder }): JSX.Element {
  const [open, setOpen] = useState(false);
  const zone = store.site.value?.time_zone ?? "UTC";
  const possible = (order.possible ?? []).filter((c) => DESK.includes(c));
  return (
    <article class={`order ${order.state}`}>
      <button type="button" class="order-main" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Priority level={order.priority} />
        <span class="grow">
          <b>{said(order.title)}</b>
          <small>
            {staffName(order.assignee)} · {ageText(store.now_s.value - instant(order.created_at).getTime() / 1000)}
          </small>
        </span>
        <OrderStateTag order={order} />
      </button>
      {open && (
        <div class="order-detail">
          {said(order.advice) !== "" && <p class="advice">{said(order.advice)}</p>}
          <ol class="steps">
            {order.steps.map((step, k) => (
              <li key={k}>
                <time>{clockText(instant(step.at), zone, false)}</time>
                <span>
                  {coded("step", step.type)} · {staffName(step.actor)}
                  {step.note ? <small>{step.note}</small> : null}
                </span>
              </li>
            ))}
          </ol>
          <div class="card-actions">
            <Button icon="fly" onClick={() => show({ type: order.place.type, id: order.place.id }, order.place.point_m)}>
              {t("action.fly")}
            </Button>
            {possible
              .filter((c) => c !== "assign")
              .map((command) => (
                <Button
                  key={command}
                  tone={command === "cancel" ? "danger" : "plain"}
                  onClick={() => void moveOrder(order, command)}
                >
                  {coded("command", command)}
                </Button>
              ))}
          </div>
          {possible.includes("assign") && (
            <Assignee order={order} />
          )}
        </div>
      )}
    </article>
  );
}

function Assignee({ order }: { order: WorkOrder }): JSX.Element {
  const options = useStaffOptions({ type: order.place.type, id: order.place.id });
  return (
    <Select
      label={t("order.assignee")}
      value={order.assignee ?? ""}
      placeholder={t("order.nobody")}
      options={options}
      onChange={(assignee) => void moveOrder(order, "assign", { assignee })}
    />
  );
}

export function Priority({ level }: { level: number }): JSX.Element {
  return (
    <span class={`priority p${level}`} title={coded("priority", String(level))}>
      P{level}
    </span>
  );
}

/** A new order at a place. */
export function RequestOrder({ place, onClose }: { place: Found; onClose: () => void }): JSX.Element {
  return (
    <Dialog title={t("order.new")} onClose={onClose}>
      <p class="lead">{[...place.place.map((s) => said(s.name)), said(place.name) || place.id].filter(Boolean).join(" · ")}</p>
      <OrderForm
        withTitle
        place={place}
        onCancel={onClose}
        onSubmit={async ({ title, priority, assignee, note }) => {
          if ((await requestOrder(place, title, priority, assignee, note)) !== null) onClose();
        }}
      />
    </Dialog>
  );
}

interface OrderWish {
  title: string;
  priority: number;
  assignee: string;
  note: string;
}

export function OrderForm(props: {
  withTitle?: boolean;
  /** Where it is to be done. */
  place: ObjectRef | null;
  onSubmit: (wish: OrderWish) => Promise<void>;
  onCancel: () => void;
}): JSX.Element {
  const [wish, setWish] = useState<OrderWish>({ title: "", priority: 3, assignee: "", note: "" });
  const [busy, setBusy] = useState(false);
  const staff = useStaffOptions(props.place);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    await props.onSubmit(wish);
    setBusy(false);
  };
  return (
    <form class="form" onSubmit={(event) => void submit(event)}>
      {props.withTitle && (
        <>
          <label class="field">
            <span>{t("order.title")}</span>
            <input
              class="input"
              required
              maxLength={200}
              value={wish.title}
              onInput={(event) => setWish({ ...wish, title: event.currentTarget.value })}
            />
          </label>
          <Segmented
            label={t("order.priority")}
            value={String(wish.priority)}
            onChange={(level) => setWish({ ...wish, priority: Number(level) })}
            options={["1", "2", "3", "4"].map((value) => ({ value, text: coded("priority", value) }))}
          />
        </>
      )}
      <Select
        label={t("order.assignee")}
        value={wish.assignee}
        onChange={(assignee) => setWish({ ...wish, assignee })}
        options={[{ value: "", text: t("order.assign_later") }, ...staff]}
      />
      <label class="field">
        <span>{t("order.note")}</span>
        <textarea
          class="input"
          rows={3}
          maxLength={2000}
          value={wish.note}
          onInput={(event) => setWish({ ...wish, note: event.currentTarget.value })}
        />
      </label>
      <div class="row-end">
        <Button onClick={props.onCancel}>{t("action.cancel")}</Button>
        <Button type="submit" tone="accent" icon="check" disabled={busy}>
          {t("action.make_order")}
        </Button>
      </div>
    </form>
  );
}
