/** The card of what is selected: what it is, where, its values now and before, its alarms and orders. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { show } from "../actions";
import { api } from "../api";
import { QUALITY_NAMES } from "../feed";
import { coded, said, t } from "../i18n";
import { store } from "../store";
import type { Card, ChannelValue, Fact, ObjectRef, ObjectType } from "../types";
import { Button, Empty, Failure, IconButton, Loading } from "../ui/controls";
import { Icon } from "../ui/icons";
import { useLoad } from "../ui/load";
import { ageText, instant, integer, momentText, reading, readingText, stateName, thousandthsText } from "../units";
import { AlarmRow } from "./alarms";
import { HistoryChart, Sparkline } from "./chart";
import { QualityMark, Swatch, TYPE_ICONS } from "./marks";
import { OrderRow, RequestOrder } from "./orders";
import { PipeTools } from "./pipes";
import { WayTools } from "../ways/panel";

const MOST_SPARKLINES = 6;
const FIRST_DEVICES = 12;

export function SelectionPanel(): JSX.Element {
  const ref = store.selection.value;
  if (ref === null) {
    return (
      <Empty icon="cube" title={t("card.nothing")}>
        {t("card.nothing_hint")}
      </Empty>
    );
  }
  return <ObjectCard key={`${ref.type}:${ref.id}`} of={ref} />;
}

function ObjectCard({ of }: { of: ObjectRef }): JSX.Element {
  // after a new index the rows of the card's channels are others
  const version = store.index.value?.version;
  const { data, error, reload } = useLoad(`${of.type}:${of.id}|${version}`, (signal) => api.card(of, signal));
  const [ordering, setOrdering] = useState(false);
  if (error !== null) return <Failure text={error} retry={reload} />;
  if (data === null) return <Loading />;
  const alarms = store.activeAlarms.value.filter((a) => concerns(a.device, a.place, of));
  const orders = [...store.orders.value.values()].filter((o) => o.place.type === of.type && o.place.id === of.id);
  return (
    <article class="card">
      <CardHead card={data} />
      <div class="card-actions">
        <Button icon="fly" onClick={() => show(of, data.point_m)}>
          {t("action.fly")}
        </Button>
        <IsolateButton card={data} />
        <Button icon="order" onClick={() => setOrdering(true)}>
          {t("action.request_order")}
        </Button>
      </div>
      <WayTools card={data} />
      {(of.type === "pipe" || of.type === "node") && <PipeTools of={of} />}
      {ordering && <RequestOrder place={data} onClose={() => setOrdering(false)} />}
      {alarms.length > 0 && (
        <section>
          <h3>{t("card.alarms")}</h3>
          {alarms.map((alarm) => (
            <AlarmRow key={alarm.id} alarm={alarm} />
          ))}
        </section>
      )}
      {data.channels.length > 0 && <Channels channels={data.channels} />}
      <Facts facts={data.facts} />
      {orders.length > 0 && (
        <section>
          <h3>{t("card.orders")}</h3>
          {orders.map((order) => (
            <OrderRow key={order.id} order={order} />
          ))}
        </section>
      )}
      {data.devices.length > 0 && <Devices ids={data.devices} />}
    </article>
  );
}

function concerns(device: string | null, place: ObjectRef | null, of: ObjectRef): boolean {
  return (of.type === "device" && device === of.id) || (place?.type === of.type && place.id === of.id);
}

function CardHead({ card }: { card: Card }): JSX.Element {
  const index = store.index.value;
  const position = card.type === "device" ? index?.position.get(card.id) : undefined;
  const system = position === undefined ? null : index!.kind(position).system;
  const what = card.use === null ? coded("kind", card.kind) : coded("use", card.use);
  return (
    <header class="card-head">
      <div class="card-type">
        {system === null ? <Icon name={TYPE_ICONS[card.type]} size={15} /> : <Swatch system={system} />}
        <span>{system === null ? [coded("type", card.type), what].filter(Boolean).join(" · ") : coded("system", system)}</span>
        <IconButton icon="close" label={t("action.deselect")} hint="Esc" onClick={() => store.select(null)} />
      </div>
      <h2>{said(card.name) || card.id}</h2>
      <nav class="crumbs" aria-label={t("card.place")}>
        {card.place.map((step) => (
          <button
            key={step.id}
            type="button"
            disabled={!(step.type in TYPE_ICONS)}
            onClick={() => show({ type: step.type as ObjectType, id: step.id }, null)}
          >
            {said(step.name) || step.id}
          </button>
        ))}
      </nav>
      <code class="id">{card.id}</code>
    </header>
  );
}

function IsolateButton({ card }: { card: Card }): JSX.Element | null {
  const index = store.index.value;
  const position = card.type === "device" ? index?.position.get(card.id) : undefined;
  const storey =
    card.type === "storey"
      ? card.id
      : position !== undefined
        ? index!.devices.storey[position]
        : card.place.find((step) => step.type === "storey")?.id;
  const wanted = card.type === "building" ? { building: card.id } : storey ? { storey } : null;
  if (wanted === null) return null;
  const now = store.isolation.value;
  const on = now !== null && (storey ? now.storey === storey : now.building === card.id && now.storey === undefined);
  return (
    <Button icon="isolate" pressed={on} onClick={() => store.isolate(on ? null : wanted)}>
      {t(storey ? "action.isolate_storey" : "action.isolate_building")}
    </Button>
  );
}

function Channels({ channels }: { channels: ChannelValue[] }): JSX.Element {
  const [shown, setShown] = useState(channels[0]!.id);
  const chosen = channels.find((c) => c.id === shown) ?? channels[0]!;
  return (
    <section>
      <h3>{t("card.values")}</h3>
      <div class="channels" role="radiogroup" aria-label={t("card.values")}>
        {channels.map((channel, k) => (
          <ChannelRow
            key={channel.id}
            channel={channel}
            spark={k < MOST_SPARKLINES}
            chosen={channel.id === chosen.id}
            onClick={() => setShown(channel.id)}
          />
        ))}
      </div>
      <HistoryChart key={chosen.id} channel={chosen} />
    </section>
  );
}

function ChannelRow(props: { channel: ChannelValue; spark: boolean; chosen: boolean; onClick: () => void }): JSX.Element {
  const { channel, chosen } = props;
  void store.frame.value;
  const { live } = store;
  const inFeed = channel.row < live.values.length;
  const value = inFeed ? live.values[channel.row]! : channel.value;
  const quality = inFeed ? QUALITY_NAMES[live.quality[channel.row]!]! : channel.quality;
  const seen_s = inFeed ? live.seen_s[channel.row]! : NaN;
  const at_s = Number.isFinite(seen_s) ? seen_s : channel.at === null ? NaN : instant(channel.at).getTime() / 1000;
  const state = stateName(value, channel.unit, channel.states);
  const alarming = value !== null && (channel.alarm_states ?? []).includes(Math.round(value));
  const { number, unit } = reading(value, channel.unit, channel.decimals);
  const zone = store.site.value?.time_zone ?? "UTC";
  return (
    <button type="button" role="radio" aria-checked={chosen} class={`channel ${quality}`} onClick={props.onClick}>
      <span class="channel-name">
        {said(channel.name)}
        <small title={Number.isFinite(at_s) ? momentText(new Date(at_s * 1000), zone) : undefined}>
          <QualityMark quality={quality} words />
          {Number.isFinite(at_s) && ` · ${ageText(store.now_s.value - at_s)}`}
        </small>
      </span>
      {props.spark ? <Sparkline channel={channel.id} /> : <span />}
      <span class={`channel-value ${alarming ? "alarming" : ""}`}>
        {alarming && <Icon name="warning" size={14} />}
        {state ?? (
          <>
            {number}
            <em>{unit}</em>
          </>
        )}
      </span>
    </button>
  );
}

function factText(fact: Fact): string {
  if (typeof fact.value === "number" && fact.read_in) return thousandthsText(fact.value, fact.read_in);
  if (typeof fact.value === "number") return fact.unit === null ? String(fact.value) : readingText(fact.value, fact.unit);
  return said(fact.value);
}

function Facts({ facts }: { facts: Fact[] }): JSX.Element | null {
  if (facts.length === 0) return null;
  return (
    <section>
      <h3>{t("card.facts")}</h3>
      <dl class="facts">
        {facts.map((fact) => (
          <div key={fact.name.en}>
            <dt>{said(fact.name)}</dt>
            <dd>{factText(fact)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Devices({ ids }: { ids: string[] }): JSX.Element {
  const [all, setAll] = useState(false);
  const index = store.index.value;
  void store.now_s.value;
  const rows = (all ? ids : ids.slice(0, FIRST_DEVICES)).flatMap((id) => {
    const position = index?.position.get(id);
    return position === undefined ? [] : [{ id, position }];
  });
  return (
    <section>
      <h3>
        {t("card.devices")} <span class="count">{integer(ids.length)}</span>
      </h3>
      <ul class="plain">
        {rows.map(({ id, position }) => {
          const channel = index!.primary(position);
          const row = index!.primaryRow[position]!;
          return (
            <li key={id}>
              <button type="button" class="line" onClick={() => show({ type: "device", id }, index!.point(position))}>
                <Swatch system={index!.kind(position).system} />
                <span class="grow ellipsis">{said(index!.name(position))}</span>
                {channel !== null && (
                  <span class="value">
                    {readingText(store.live.values[row], channel.unit, channel.decimals, channel.states)}
                    <QualityMark quality={QUALITY_NAMES[store.live.quality[row]!]!} />
                  </span>
                )}
              </button>
            </li>
          );
        })}
      </ul>
      {ids.length > FIRST_DEVICES && (
        <Button tone="quiet" onClick={() => setAll(!all)}>
          {all ? t("action.fewer") : t("action.all_n", { n: integer(ids.length) })}
        </Button>
      )}
    </section>
  );
}
