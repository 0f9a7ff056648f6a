/** Leaks: what is lost and where, how sure that is; what each part of the network loses; what cannot be said. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { loadLeaks } from "../api";
import { coded, said, t } from "../i18n";
import { lookAt, openLeak, thing } from "../leak_actions";
import type { Leak, LeakReport, SensorFault, Unanswered } from "../leak_types";
import { store } from "../store";
import { Button, Empty, Failure, Loading } from "../ui/controls";
import { Icon } from "../ui/icons";
import { dayText, durationText, instant, leakFlow, moneyText, momentText } from "../units";
import { Districts } from "./districts";
import { Findings } from "./findings";
import { LeakDetail } from "./leak_detail";
import { LeakStateTag, Sure } from "./leak_marks";
import "./leaks.css";
import { ReachButton } from "./reach";

export function LeaksPanel(): JSX.Element {
  const report = store.leaks.value;
  const state = store.leaksState.value;
  const open = store.openLeak.value;
  const leak = open === null ? undefined : store.leak(open);
  if (leak !== undefined) return <LeakDetail key={leak.id} leak={leak} />;
  if (report === null) {
    if (state === "loading") return <Loading />;
    if (typeof state === "object") return <Failure text={state.error} retry={() => void loadLeaks()} />;
    return (
      <Empty icon="drop" title={t("leaks.absent")}>
        {t("leaks.absent_hint")}
      </Empty>
    );
  }
  return (
    <div class="leaks">
      {typeof state === "object" && <Failure text={state.error} retry={() => void loadLeaks()} />}
      <Watch report={report} />
      {store.openLeaks.value.map((one) => (
        <LeakRow key={one.id} leak={one} />
      ))}
      <Findings />
      <ReachButton />
      {report.districts.length > 0 && <Districts districts={report.districts} />}
      {report.sensors.length > 0 && <Sensors faults={report.sensors} />}
      {report.unanswered.length > 0 && <Unanswereds items={report.unanswered} />}
      <Past />
      <p class="caption">{t("leaks.computed", { at: momentText(instant(report.at), zone()) })}</p>
    </div>
  );
}

/** As many faults of a kind as are shown without asking. */
const FEW = 3;

function zone(): string {
  return store.site.value?.time_zone ?? "UTC";
}

/** Whether one watches at all, and what that means while nothing is found. */
function Watch({ report }: { report: LeakReport }): JSX.Element {
  const none = store.openLeaks.value.length === 0;
  const from = t("leaks.window", { from: dayText(instant(report.window.start), zone()), to: dayText(instant(report.window.end), zone()) });
  if (report.status === "blind") {
    return (
      <div class="watch blind">
        <Icon name="warning" size={20} />
        <div>
          <b>{t("leaks.blind")}</b>
          <p>{t("leaks.blind_hint")}</p>
        </div>
      </div>
    );
  }
  if (report.status === "learning") {
    const until = report.learning_until;
    return (
      <div class="watch learning">
        <Icon name="clock" size={20} />
        <div>
          <b>{t("leaks.learning")}</b>
          <p>{until === null ? t("leaks.learning_hint") : t("leaks.learning_until", { at: momentText(instant(until), zone()).slice(0, 16) })}</p>
        </div>
      </div>
    );
  }
  if (!none) return <Totals leaks={store.openLeaks.value} />;
  return (
    <div class="watch watching">
      <Icon name="check" size={20} />
      <div>
        <b>{t("leaks.none")}</b>
        <p>{from}</p>
      </div>
    </div>
  );
}

/** All open leaks together. */
function Totals({ leaks }: { leaks: readonly Leak[] }): JSX.Element {
  const flow = leaks.reduce((sum, l) => sum + l.size_m3_per_s, 0);
  const cost = leaks.reduce((sum, l) => sum + l.cost_per_day, 0);
  return (
    <dl class="tiles totals">
      <div>
        <dt>{t("leaks.open")}</dt>
        <dd>{leaks.length}</dd>
      </div>
      <div>
        <dt>{t("leaks.lost_now")}</dt>
        <dd>
          {leakFlow(flow)} <small>m³/h</small>
        </dd>
      </div>
      <div>
        <dt>{t("leaks.per_day")}</dt>
        <dd>{moneyText(cost, leaks[0]!.currency)}</dd>
      </div>
    </dl>
  );
}

export function LeakRow({ leak }: { leak: Leak }): JSX.Element {
  const onset = instant(leak.onset_at);
  const sure = leak.place.probability_ratio;
  return (
    <button type="button" class={`leak ${leak.state}`} onClick={() => openLeak(leak)}>
      <span class="leak-head">
        <Icon name="drop" size={18} />
        <b class="grow">{said(leak.place.name) || said(leak.title)}</b>
        <LeakStateTag leak={leak} />
      </span>
      <span class="leak-size">
        <strong class="num">{leakFlow(leak.size_m3_per_s)}</strong> m³/h
        <small class="num">
          {leakFlow(leak.size_low_m3_per_s)}–{leakFlow(leak.size_high_m3_per_s)}
        </small>
        <span class="num cost">{t("leaks.a_day", { money: moneyText(leak.cost_per_day, leak.currency) })}</span>
      </span>
      <span class="leak-foot">
        <small>
          {coded("leak_shape", leak.shape)} · {t("leaks.for", { long: durationText(store.now_s.value - onset.getTime() / 1000) })}
        </small>
        <Sure ratio={sure} localisable={leak.localisable} />
      </span>
    </button>
  );
}

/** Faulty sensors, those with the same fault together. */
function Sensors({ faults }: { faults: SensorFault[] }): JSX.Element {
  const kinds = [...new Set(faults.map((f) => f.fault))];
  return (
    <section>
      <h3>
        {t("leaks.sensors")} <span class="count">{faults.length}</span>
      </h3>
      <p class="caption">{t("leaks.sensors_hint")}</p>
      {kinds.map((kind) => (
        <FaultGroup key={kind} kind={kind} faults={faults.filter((f) => f.fault === kind)} />
      ))}
    </section>
  );
}

function FaultGroup({ kind, faults }: { kind: string; faults: SensorFault[] }): JSX.Element {
  return (
    <details class="names fault-group" open={faults.length <= FEW}>
      <summary>
        <span class="tag">{coded("sensor_fault", kind)}</span> <span class="count">{faults.length}</span>
      </summary>
      <ul class="says">
        {faults.map((fault) => (
          <li key={fault.channel}>
            <button type="button" onClick={() => lookAt([{ type: "device", id: fault.device }])}>
              <b>{deviceName(fault.device)}</b>
              <small>
                {said(fault.text)}
                {fault.since !== null && ` · ${t("leaks.for", { long: durationText(store.now_s.value - instant(fault.since).getTime() / 1000) })}`}
              </small>
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}

function deviceName(id: string): string {
  const index = store.index.value;
  const position = index?.position.get(id);
  return (position === undefined ? "" : said(index!.name(position))) || id;
}

const FIRST_UNANSWERED = 3;

function Unanswereds({ items }: { items: Unanswered[] }): JSX.Element {
  const [all, setAll] = useState(false);
  return (
    <section>
      <h3>
        {t("leaks.unanswered")} <span class="count">{items.length}</span>
      </h3>
      <ul class="says">
        {(all ? items : items.slice(0, FIRST_UNANSWERED)).map((item, k) => (
          <li key={k}>
            <div>
              <b>{said(item.what)}</b>
              <small>{said(item.why)}</small>
              {said(item.mend) !== "" && (
                <p class="mend">
                  <Icon name="wrench" size={14} />
                  <span>{said(item.mend)}</span>
                </p>
              )}
              {item.objects.length > 0 && (
                <Button icon="fly" tone="quiet" onClick={() => lookAt(item.objects.flatMap((id) => thing(id) ?? []))}>
                  {t("leaks.show_where", { n: item.objects.length })}
                </Button>
              )}
            </div>
          </li>
        ))}
      </ul>
      {items.length > FIRST_UNANSWERED && (
        <Button tone="quiet" onClick={() => setAll(!all)}>
          {all ? t("action.fewer") : t("action.all_n", { n: items.length })}
        </Button>
      )}
    </section>
  );
}

/** What is over: repaired and confirmed, or dismissed with a reason. */
function Past(): JSX.Element | null {
  const past = [...store.pastLeaks.value, ...(store.leaks.value?.leaks ?? []).filter((l) => l.state === "repaired" || l.state === "dismissed")];
  const once = [...new Map(past.map((l) => [l.id, l])).values()];
  if (once.length === 0) return null;
  return (
    <section>
      <h3>
        {t("leaks.past")} <span class="count">{once.length}</span>
      </h3>
      <ul class="says">
        {once.map((leak) => (
          <li key={leak.id}>
            <button type="button" onClick={() => openLeak(leak)}>
              <span class="says-head">
                <b>{said(leak.place.name) || said(leak.title)}</b>
                <LeakStateTag leak={leak} />
              </span>
              <small>
                {leakFlow(leak.size_m3_per_s)} m³/h · {dayText(instant(leak.onset_at), zone())}
              </small>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
