/** Alarms: what, how bad, where, since when; acknowledge, go there, or make an order of it. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { acknowledge, orderFromAlarm, shelve, showAlarm } from "../actions";
import { coded, said, t } from "../i18n";
import { openLeak } from "../leak_actions";
import { store } from "../store";
import { SEVERITIES, type Alarm, type Severity } from "../types";
import { Button, Dialog, Empty, IconButton, Segmented } from "../ui/controls";
import { ageText, clockText, instant, momentText, readingText } from "../units";
import { AlarmStateTag, SeverityMark } from "./marks";
import { OrderForm } from "./orders";

const SHOWN_AT_ONCE = 100;

export function AlarmsPanel(): JSX.Element {
  const [filter, setFilter] = useState<"all" | "open">("open");
  const all = store.activeAlarms.value;
  const open = all.filter((a) => a.state === "raised");
  const shown = filter === "open" ? open : all;
  const counts = SEVERITIES.map((s) => [s, all.filter((a) => a.severity === s).length] as const);
  return (
    <div class="alarms">
      <div class="severity-strip" role="status" aria-label={t("alarms.summary")}>
        {counts.map(([severity, n]) => (
          <SeverityTally key={severity} severity={severity} n={n} />
        ))}
      </div>
      <Segmented
        label={t("alarms.filter")}
        value={filter}
        onChange={setFilter}
        options={[
          { value: "open", text: t("alarms.open", { n: open.length }) },
          { value: "all", text: t("alarms.all", { n: all.length }) },
        ]}
      />
      {shown.length === 0 ? (
        <Empty icon="check" title={t(all.length === 0 ? "alarms.none" : "alarms.none_open")}>
          {all.length === 0 && t("alarms.none_hint")}
        </Empty>
      ) : (
        <div>
          {shown.slice(0, SHOWN_AT_ONCE).map((alarm) => (
            <AlarmRow key={alarm.id} alarm={alarm} />
          ))}
          {shown.length > SHOWN_AT_ONCE && <p class="note">{t("alarms.more", { n: shown.length - SHOWN_AT_ONCE })}</p>}
        </div>
      )}
    </div>
  );
}

function SeverityTally({ severity, n }: { severity: Severity; n: number }): JSX.Element {
  return (
    <div class={`tally ${severity} ${n === 0 ? "none" : ""}`}>
      <SeverityMark severity={severity} />
      <b>{n}</b>
      <small>{coded("severity", severity)}</small>
    </div>
  );
}

/** To the leak that an alarm is of, else to its device or place. */
function go(alarm: Alarm): void {
  const leak = store.openLeaks.peek().find((one) => one.alarm === alarm.id);
  if (leak !== undefined) openLeak(leak);
  else showAlarm(alarm);
}

export function AlarmRow({ alarm }: { alarm: Alarm }): JSX.Element {
  const [ordering, setOrdering] = useState(false);
  const zone = store.site.value?.time_zone ?? "UTC";
  const raised = instant(alarm.raised_at);
  const order = alarm.work_order === null ? undefined : store.orders.value.get(alarm.work_order);
  const value = alarm.value === null || alarm.unit === null ? null : alarmValue(alarm);
  return (
    <article class={`alarm ${alarm.severity} ${alarm.state}`}>
      <button type="button" class="alarm-main" onClick={() => go(alarm)}>
        <SeverityMark severity={alarm.severity} />
        <span class="grow">
          <b>{said(alarm.name)}</b>
          <small>{said(alarm.place?.name) || alarm.device}</small>
          <small class="spread-left">
            <time dateTime={alarm.raised_at} title={momentText(raised, zone)}>
              {clockText(raised, zone)} · {ageText(store.now_s.value - raised.getTime() / 1000)}
            </time>
            {value !== null && <span class="num">{value}</span>}
            {alarm.count > 1 && <span title={t("alarms.count_hint")}>×{alarm.count}</span>}
          </small>
        </span>
        <AlarmStateTag alarm={alarm} />
      </button>
      {said(alarm.advice) !== "" && alarm.state === "raised" && <p class="advice">{said(alarm.advice)}</p>}
      <div class="alarm-actions">
        {alarm.state === "raised" && (
          <Button icon="check" onClick={() => void acknowledge(alarm)}>
            {t("action.acknowledge")}
          </Button>
        )}
        {order === undefined ? (
          <Button icon="order" onClick={() => setOrdering(true)}>
            {t("action.make_order")}
          </Button>
        ) : (
          <Button icon="order" tone="quiet" onClick={() => (store.detailTab.value = "orders")}>
            {coded("order_state", order.state)}
          </Button>
        )}
        {alarm.state !== "shelved" && (
          <IconButton icon="snooze" label={t("action.shelve")} onClick={() => void shelve(alarm, 1)} />
        )}
      </div>
      {ordering && (
        <Dialog title={t("order.from_alarm")} onClose={() => setOrdering(false)}>
          <p class="lead">
            <SeverityMark severity={alarm.severity} words /> {said(alarm.name)} · {said(alarm.place?.name)}
          </p>
          <OrderForm
            place={alarm.place ?? (alarm.device === null ? null : { type: "device", id: alarm.device })}
            onCancel={() => setOrdering(false)}
            onSubmit={async ({ assignee, note }) => {
              if ((await orderFromAlarm(alarm, assignee, note)) !== null) setOrdering(false);
            }}
          />
        </Dialog>
      )}
    </article>
  );
}

function alarmValue(alarm: Alarm): string {
  const index = store.index.value;
  const position = alarm.device === null ? undefined : index?.position.get(alarm.device);
  const channel = position === undefined ? undefined : index!.kind(position).channels.find((c) => c.id === alarm.channel);
  return readingText(alarm.value, alarm.unit ?? "", channel?.decimals ?? 2, channel?.states ?? {});
}
