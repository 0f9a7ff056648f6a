/** The crew's page for a phone: who I am, my orders, the way there, and what I did. */

import "./crew.css";
import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { moveOrder } from "../actions";
import { api } from "../api";
import { coded, said, t } from "../i18n";
import { SiteMap } from "../map/site_map";
import { useReady } from "../outside";
import { OrderStateTag, SeverityMark } from "../panels/marks";
import { byPriority, Priority, staffName } from "../panels/orders";
import { goToOrder, leaveOrder, openOrder } from "../router";
import { store } from "../store";
import type { Route, WorkOrder, WorkOrderCommand } from "../types";
import { Button, Empty, Failure, IconButton, Loading, Segmented } from "../ui/controls";
import { Icon, type IconName } from "../ui/icons";
import { useLoad } from "../ui/load";
import { ageText, clockText, instant } from "../units";
import { linesOn } from "../ways/lines";
import { storeysOf } from "./way";
import { WaySteps, WaySum } from "../ways/steps";

const CLOSED = new Set(["done", "verified", "cancelled"]);

export function CrewPage(): JSX.Element {
  const open = openOrder.value;
  const [choosing, setChoosing] = useState(false);
  useReady(true);
  const me = store.staff.value.find((s) => s.id === store.me.value);
  if (me === undefined || choosing) return <WhoAmI onChosen={() => setChoosing(false)} />;
  const order = open === null ? undefined : store.orders.value.get(open);
  if (order !== undefined) return <OrderDetail key={order.id} order={order} me={me.id} onBack={leaveOrder} />;
  if (open !== null && store.ordersLoaded.value) return <Unknown />;
  if (!store.ordersLoaded.value) {
    return (
      <main class="crew">
        <Loading />
      </main>
    );
  }
  return <MyOrders me={me.id} onOpen={goToOrder} onSwitch={() => setChoosing(true)} />;
}

/** An address of an order that is not there, or no more. */
function Unknown(): JSX.Element {
  return (
    <main class="crew">
      <Empty icon="order" title={t("crew.unknown")}>
        <Button big icon="back" onClick={leaveOrder}>
          {t("action.back")}
        </Button>
      </Empty>
    </main>
  );
}

function WhoAmI({ onChosen }: { onChosen: () => void }): JSX.Element {
  const staff = store.staff.value;
  return (
    <main class="crew">
      <h2>{t("crew.who")}</h2>
      {staff.length === 0 && <Empty icon="person" title={t("crew.no_staff")} />}
      <ul class="people">
        {staff.map((person) => (
          <li key={person.id}>
            <button
              type="button"
              aria-pressed={person.id === store.me.value}
              onClick={() => {
                store.me.value = person.id;
                onChosen();
              }}
            >
              <span class="avatar" aria-hidden="true">
                {(said(person.name) || person.id).slice(0, 1)}
              </span>
              <span class="grow">
                <b>{said(person.name) || person.id}</b>
                <small>{[...new Set([coded("role", person.role), ...person.skills.map((s) => coded("skill", s))])].join(" · ")}</small>
              </span>
              <Icon name="chevron_right" />
            </button>
          </li>
        ))}
      </ul>
    </main>
  );
}

function MyOrders(props: { me: string; onOpen: (id: string) => void; onSwitch: () => void }): JSX.Element {
  const [shape, setShape] = useState<"list" | "map">("list");
  const mine = [...store.orders.value.values()].filter((o) => o.assignee === props.me).sort(byPriority);
  const open = mine.filter((o) => !CLOSED.has(o.state));
  const done = mine.filter((o) => CLOSED.has(o.state));
  return (
    <main class={`crew ${shape}`}>
      <div class="crew-head">
        <button type="button" class="whoami" onClick={props.onSwitch}>
          <span class="avatar" aria-hidden="true">
            {staffName(props.me).slice(0, 1)}
          </span>
          <span>
            <b>{staffName(props.me)}</b>
            <small>{t("crew.switch")}</small>
          </span>
        </button>
        <Segmented
          label={t("crew.shape")}
          value={shape}
          onChange={setShape}
          options={[
            { value: "list", text: t("crew.list"), icon: "list" },
            { value: "map", text: t("crew.map"), icon: "map" },
          ]}
        />
      </div>
      {shape === "map" ? (
        <div class="crew-map">
          <SiteMap
            bare
            pins={open.flatMap((o) =>
              o.place.point_m === null
                ? []
                : [{ id: o.id, point_m: o.place.point_m, text: `P${o.priority}`, label: said(o.title), onClick: () => props.onOpen(o.id) }],
            )}
          />
          {open.length === 0 && <p class="map-note">{t("crew.none")}</p>}
        </div>
      ) : (
        <>
          {open.length === 0 && (
            <Empty icon="check" title={t("crew.none")}>
              {t("crew.none_hint")}
            </Empty>
          )}
          {open.map((order) => (
            <OrderCard key={order.id} order={order} onOpen={props.onOpen} />
          ))}
          {done.length > 0 && <h3>{t("crew.done", { n: done.length })}</h3>}
          {done.slice(0, 20).map((order) => (
            <OrderCard key={order.id} order={order} onOpen={props.onOpen} />
          ))}
        </>
      )}
    </main>
  );
}

function storeyName(id: string | null): string {
  return id === null ? "" : said(store.index.value?.storey.get(id)?.name);
}

function buildingName(storey: string | null): string {
  const building = storey === null ? undefined : store.index.value?.storey.get(storey)?.building;
  return building === undefined ? "" : said(store.index.value!.building.get(building)?.name);
}

function OrderCard({ order, onOpen }: { order: WorkOrder; onOpen: (id: string) => void }): JSX.Element {
  return (
    <button type="button" class={`crew-order ${CLOSED.has(order.state) ? "closed" : ""}`} onClick={() => onOpen(order.id)}>
      <Priority level={order.priority} />
      <span class="grow">
        <b>{said(order.title)}</b>
        <span class="where">
          <Icon name="pin" size={15} />
          {[buildingName(order.place.storey), storeyName(order.place.storey), said(order.place.name)].filter(Boolean).join(" · ")}
        </span>
        <small>{ageText(store.now_s.value - instant(order.created_at).getTime() / 1000)}</small>
      </span>
      <OrderStateTag order={order} />
    </button>
  );
}

/** The steps of the crew, in the order of their day; the first that is possible is the large button. */
const STEPS: readonly { command: WorkOrderCommand; icon: IconName }[] = [
  { command: "accept", icon: "check" },
  { command: "start", icon: "play" },
  { command: "resume", icon: "play" },
  { command: "finish", icon: "check" },
  { command: "pause", icon: "pause" },
  { command: "verify", icon: "check" },
  { command: "reject", icon: "close" },
];

function OrderDetail({ order, me, onBack }: { order: WorkOrder; me: string; onBack: () => void }): JSX.Element {
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const zone = store.site.value?.time_zone ?? "UTC";
  const alarm = order.alarm === null ? undefined : store.alarms.value.get(order.alarm);
  const route = useLoad(`${order.place.type}:${order.place.id}`, (signal) => api.route("", order.place.id, signal));
  const possible = STEPS.filter((step) => order.possible?.includes(step.command));
  // finishing what was never started is possible, but is not what the large button is for
  const first = possible.find((s) => s.command !== "reject");
  useEffect(() => scrollTo(0, 0), []);

  const act = async (command: WorkOrderCommand): Promise<void> => {
    setBusy(true);
    const moved = await moveOrder(order, command, { by: me, ...(note.trim() === "" ? {} : { note: note.trim() }) });
    setBusy(false);
    if (moved === null) return;
    // what was typed while this was under way belongs to the next step
    setNote((now) => (now === note ? "" : now));
    if (command === "finish" || command === "reject") onBack();
  };

  return (
    <main class="crew detail">
      <div class="crew-head">
        <IconButton icon="back" label={t("action.back")} onClick={onBack} />
        <Priority level={order.priority} />
        <span class="grow" />
        <OrderStateTag order={order} />
      </div>
      <h2>{said(order.title)}</h2>
      <dl class="crew-facts">
        <div>
          <dt>{t("crew.place")}</dt>
          <dd>{[buildingName(order.place.storey), said(order.place.name)].filter(Boolean).join(" · ")}</dd>
        </div>
        {order.place.storey !== null && (
          <div>
            <dt>{t("map.storey")}</dt>
            <dd class="storey">{storeyName(order.place.storey)}</dd>
          </div>
        )}
        {alarm !== undefined && (
          <div>
            <dt>{t("crew.alarm")}</dt>
            <dd>
              <SeverityMark severity={alarm.severity} words /> {said(alarm.name)} · {coded("alarm_state", alarm.state)}
            </dd>
          </div>
        )}
      </dl>
      {said(order.advice) !== "" && (
        <section class="crew-advice">
          <h3>{t("crew.advice")}</h3>
          <p>{said(order.advice)}</p>
        </section>
      )}
      <section>
        <h3>
          {t("crew.way")} {route.data !== null && <WaySum route={route.data} />}
        </h3>
        {route.loading && <Loading />}
        {route.error !== null && <Failure text={route.error} retry={route.reload} />}
        {route.data !== null && <WaySteps route={route.data} />}
        {order.place.point_m !== null && <Where order={order} route={route.data} />}
      </section>
      <section>
        <h3>{t("crew.history")}</h3>
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
      </section>
      {possible.length > 0 && (
        <div class="crew-bar">
          <textarea
            class="input"
            rows={1}
            maxLength={2000}
            aria-label={t("order.note")}
            placeholder={t("crew.note")}
            value={note}
            onInput={(event) => setNote(event.currentTarget.value)}
          />
          <div class="crew-steps">
            {possible.map((step) => (
              <Button
                key={step.command}
                big
                icon={step.icon}
                tone={step === first ? "accent" : "plain"}
                class={step === first ? "grow" : ""}
                disabled={busy}
                onClick={() => void act(step.command)}
              >
                {coded("command", step.command)}
              </Button>
            ))}
          </div>
        </div>
      )}
    </main>
  );
}

/** The place on the plan of its storey, and the other stretches of the way to it. */
function Where({ order, route }: { order: WorkOrder; route: Route | null }): JSX.Element {
  const goal = order.place.storey;
  const [chosen, setChosen] = useState<string | null>(goal);
  const steps = route?.steps ?? [];
  const storeys = storeysOf(steps, goal);
  const way = useMemo(() => linesOn(route, chosen), [route, chosen]);
  const text = (storey: string | null): string => (storey === null ? t("crew.outdoors") : storeyName(storey));
  return (
    <>
      {storeys.length > 1 && (
        <Segmented
          label={t("crew.part")}
          value={chosen ?? ""}
          onChange={(id) => setChosen(id === "" ? null : id)}
          options={storeys.map((storey) => ({ value: storey ?? "", text: text(storey) }))}
        />
      )}
      <div class="crew-map small">
        <SiteMap
          bare
          storey={chosen}
          way={way}
          pins={[{ id: order.id, point_m: order.place.point_m!, text: `P${order.priority}`, label: said(order.place.name), onClick: () => undefined }]}
        />
      </div>
    </>
  );
}
