/** Ways out: what burns and what is closed, when everybody is out, where they queue; with a moment to look at. */

import type { JSX } from "preact";
import { coded, said, t } from "../i18n";
import { store } from "../store";
import type { Point3 } from "../types";
import { Failure, IconButton, Loading, Slider, Switch } from "../ui/controls";
import { Icon } from "../ui/icons";
import { integer } from "../units";
import { Asked } from "./asked";
import { Course } from "./course";
import "./evacuation.css";
import { Now } from "./now";
import { SmokeTold } from "./smoke";
import * as evacuation from "./state";
import { clock, duration } from "./times";
import type { ClearedBuilding, Evacuation, Exit, Queue } from "./types";

const FEW = 8;
const NEAR_M = 14;

export function EvacuationPanel(): JSX.Element {
  const { answer, failed, busy } = evacuation;
  return (
    <div class="evacuation">
      <Now />
      <h3 class="what-if">{t("evacuation.what_if")}</h3>
      <Asked />
      {failed.value !== null && <Failure text={failed.value} retry={() => void evacuation.ask()} />}
      {answer.value === null ? failed.value === null && <Loading text={t("evacuation.reckoning")} /> : <Told answer={answer.value} busy={busy.value} />}
    </div>
  );
}

function Told({ answer, busy }: { answer: Evacuation; busy: boolean }): JSX.Element {
  return (
    <>
      <dl class={`tiles ${busy ? "pending" : ""}`} aria-busy={busy}>
        <div>
          <dt>{t("evacuation.people")}</dt>
          <dd>{integer(Math.round(answer.persons))}</dd>
        </div>
        <div>
          <dt>{t("evacuation.last")}</dt>
          <dd class={answer.clear_s === null ? "bad" : ""}>{duration(answer.clear_s)}</dd>
        </div>
        <div>
          <dt>{t("evacuation.quantile")}</dt>
          <dd>{answer.quantiles_s === null ? "–" : duration(answer.quantiles_s["0.95"] ?? null)}</dd>
        </div>
      </dl>
      <Switch label={t("evacuation.sure")} on={evacuation.isSure.value} onChange={(on) => (evacuation.isSure.value = on)} />
      <Warnings answer={answer} />
      {answer.smoke !== null && <SmokeTold smoke={answer.smoke} />}
      <Moment answer={answer} />
      <Buildings answer={answer} />
      <Exits exits={answer.exits} all={answer.persons} />
      <Queues answer={answer} />
      <p class="caption">{t("evacuation.verified")}</p>
    </>
  );
}

function Warnings({ answer }: { answer: Evacuation }): JSX.Element | null {
  const trapped = answer.trapped.reduce((sum, one) => sum + one.persons, 0);
  const caught = answer.caught.reduce((sum, one) => sum + one.persons, 0);
  if (trapped === 0 && caught === 0 && answer.through_fire.length === 0) return null;
  return (
    <div class="callout bad" role="alert">
      <Icon name="warning" size={18} />
      <div>
        {trapped > 0 && <b>{t("evacuation.trapped", { n: integer(Math.round(trapped)), spaces: integer(answer.trapped.length) })}</b>}
        {caught > 0 && <b>{t("evacuation.caught", { n: integer(Math.round(caught)), places: answer.caught.slice(0, 3).map((one) => said(one.name) || one.place).join(", ") })}</b>}
        {answer.through_fire.length > 0 && <p>{t("evacuation.through_fire", { n: integer(answer.through_fire.length) })}</p>}
      </div>
    </div>
  );
}

/** The moment that is shown, and playing on from it. */
function Moment({ answer }: { answer: Evacuation }): JSX.Element {
  const end_s = evacuation.end_s.value;
  const at = evacuation.at_s.value;
  const out = evacuation.now(answer.timeline.out, answer.timeline.times_s, at);
  return (
    <section class="moment">
      <h3>{t("evacuation.inside")}</h3>
      <Course answer={answer} />
      <div class="row">
        <IconButton icon={evacuation.playing.value ? "pause" : "play"} label={t(evacuation.playing.value ? "evacuation.pause" : "evacuation.play", { n: evacuation.PLAY_RATIO })} onClick={() => (evacuation.playing.value = !evacuation.playing.value)} />
        <Slider label={t("evacuation.moment")} value={Math.min(at, end_s)} min={0} max={end_s} step={1} text={clock(at)} onInput={(value) => (evacuation.at_s.value = value)} />
        <b class="num">{clock(at)}</b>
      </div>
      <p class="caption" role="status">
        {t("evacuation.left", { n: integer(Math.round(Math.max(0, answer.persons - out))) })}
      </p>
    </section>
  );
}

function Buildings({ answer }: { answer: Evacuation }): JSX.Element {
  const open = store.isolation.value?.building;
  const { times_s, inside } = answer.timeline;
  const at = evacuation.at_s.value;
  return (
    <section>
      <h3>{t("evacuation.buildings")}</h3>
      <ul class="says clear-list">
        {answer.buildings.map((one) => {
          const storeys = answer.storeys.filter((storey) => storey.building === one.id);
          return (
            <li key={one.id}>
              <Row one={one} inside={evacuation.now(inside[one.id], times_s, at)} act={() => store.isolate(open === one.id ? null : { building: one.id })} />
              {open === one.id && (
                <ul class="says storeys">
                  {[...storeys]
                    .filter((storey) => storey.persons > 0)
                    .reverse()
                    .map((storey) => (
                      <li key={storey.id}>
                        <Row one={storey} inside={evacuation.now(inside[storey.id], times_s, at)} act={() => store.isolate({ building: one.id, storey: storey.id })} />
                      </li>
                    ))}
                </ul>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Row({ one, inside, act }: { one: ClearedBuilding; inside: number; act: () => void }): JSX.Element {
  const share = one.persons > 0 ? Math.min(1, inside / one.persons) : 0;
  const sure = one.quantiles_s?.["0.95"];
  return (
    <button type="button" class="clear-row" onClick={act}>
      <b class="grow ellipsis">{said(one.name) || one.id}</b>
      <span class="num">{duration(one.clear_s)}</span>
      <i class="still" role="img" aria-label={t("evacuation.left", { n: integer(Math.round(inside)) })}>
        <i style={{ width: `${share * 100}%` }} />
      </i>
      <small>
        {t("evacuation.of_people", { inside: integer(Math.round(inside)), n: integer(Math.round(one.persons)) })}
        {sure !== undefined && ` · ${t("evacuation.sure_by", { time: duration(sure) })}`}
      </small>
    </button>
  );
}

function Exits({ exits, all }: { exits: readonly Exit[]; all: number }): JSX.Element | null {
  if (exits.length === 0) return null;
  return (
    <section>
      <h3>{t("evacuation.exits")}</h3>
      <ul class="says doors">
        {exits.slice(0, FEW).map((one) => (
          <li key={one.id}>
            <button type="button" onClick={() => look(one.point_m)}>
              <b>{said(one.place) || one.id}</b>
              <small>
                {t("evacuation.leave_by", { n: integer(Math.round(one.persons)), share: `${Math.round((one.persons / Math.max(all, 1)) * 100)} %` })} · {duration(one.clear_s)}
              </small>
            </button>
            <IconButton icon="stop" label={t("evacuation.close_it", { id: one.id })} onClick={() => evacuation.toggleClosed(one.id)} />
          </li>
        ))}
      </ul>
      {exits.length > FEW && <p class="caption">{t("evacuation.more", { n: exits.length - FEW })}</p>}
    </section>
  );
}

function Queues({ answer }: { answer: Evacuation }): JSX.Element {
  const at = evacuation.at_s.value;
  const waits = (k: number): number => evacuation.now(answer.waiting[k], answer.timeline.times_s, at);
  return (
    <section>
      <h3>{t("evacuation.queues")}</h3>
      {answer.queues.length === 0 && <p class="caption">{t("evacuation.no_queues")}</p>}
      <ul class="says doors">
        {answer.queues.slice(0, FEW).map((one: Queue, k) => (
          <li key={`${one.id} ${one.point_m.join()}`}>
            <button type="button" onClick={() => look(one.point_m)}>
              <b>
                {coded("egress", one.kind)} · {said(one.place) || one.id}
              </b>
              <small>{t("evacuation.waits", { now: integer(Math.round(waits(k))), longest: integer(Math.round(one.longest)), time: integer(one.waited_person_s) })}</small>
            </button>
            <IconButton icon="stop" label={t("evacuation.close_it", { id: one.id })} onClick={() => evacuation.toggleClosed(one.id)} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function look(point_m: Point3): void {
  store.flyTo(point_m, NEAR_M);
  store.uncover();
}
