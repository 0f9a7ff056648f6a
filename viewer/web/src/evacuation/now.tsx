/** The ways out as they are now: what is in the way, who is cut off, what is to be commanded, who has come. */

import { effect, signal, untracked, type Signal } from "@preact/signals";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { actor, attempt } from "../actions";
import { api } from "../api";
import { coded, said, t } from "../i18n";
import { deviceName } from "../coverage/place_detail";
import { store } from "../store";
import { Button, Failure } from "../ui/controls";
import { Icon } from "../ui/icons";
import { errorText } from "../ui/load";
import { integer } from "../units";
import { People } from "./inside";
import type { EvacuationNow, Hazard } from "./types";

const FEW = 6;
const FIRES = new Set(["smoke", "heat", "call", "electrical", "fire"]);
const NEAR_M = 14;

export const now: Signal<EvacuationNow | null> = signal(null);
export const failed: Signal<string | null> = signal(null);

let newest = 0;

async function load(): Promise<void> {
  const mine = ++newest;
  try {
    const found = await api.evacuationNow();
    if (mine === newest) {
      now.value = found;
      failed.value = null;
    }
  } catch (error) {
    if (mine === newest) failed.value = errorText(error);
  }
}

// when the tab is open, and whenever the server says that ways have changed
effect(() => {
  void store.evacuationNews.value;
  if (store.detailTab.value === "evacuation") untracked(() => void load());
});

async function command(type: string, more: { object?: string; persons?: number } = {}): Promise<void> {
  const answer = await attempt(() => api.commandEvacuation({ type, actor: actor(), ...more }), null);
  if (answer !== null) now.value = answer;
}

export function Now(): JSX.Element | null {
  const answer = now.value;
  if (failed.value !== null) return <Failure text={failed.value} retry={() => void load()} />;
  if (answer === null) return null;
  if (answer.hazards.length === 0 && answer.cut_off.length === 0) {
    return (
      <>
        <p class="all-clear">
          <Icon name="check" size={16} /> {t("evacuation.now_clear")}
        </p>
        <People inside={answer.inside} />
      </>
    );
  }
  const persons = answer.cut_off.reduce((sum, one) => sum + (one.persons ?? 0), 0);
  return (
    <section class="now-ways">
      <h3>{t("evacuation.now")}</h3>
      {answer.cut_off.length > 0 && (
        <div class="callout bad" role="alert">
          <Icon name="warning" size={18} />
          <div>
            <b>{t("evacuation.cut_off", { n: integer(Math.round(persons)), rooms: integer(answer.cut_off.length) })}</b>
            <p>{Object.entries(kinds(answer)).map(([kind, n]) => `${coded("refuge", kind)}: ${n}`).join(" · ")}</p>
          </div>
        </div>
      )}
      <ul class="says">
        {answer.hazards.slice(0, FEW).map((one) => (
          <li key={one.id}>
            <HazardRow hazard={one} />
          </li>
        ))}
      </ul>
      {answer.hazards.length > FEW && <p class="caption">{t("evacuation.more", { n: answer.hazards.length - FEW })}</p>}
      <p class="caption">{t("evacuation.changed_ways", { n: integer(answer.ways.length) })}</p>
      <Proposals answer={answer} />
      {answer.is_alarm && <People inside={answer.inside} />}
      {answer.is_alarm && <RollCall answer={answer} />}
      <Button tone="quiet" icon="reset" onClick={() => void command("reset")}>
        {t("evacuation.reset")}
      </Button>
    </section>
  );
}

function kinds({ cut_off }: EvacuationNow): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { kind } of cut_off) found[kind] = (found[kind] ?? 0) + 1;
  return found;
}

function HazardRow({ hazard }: { hazard: Hazard }): JSX.Element {
  return (
    <div>
      <b>
        <Icon name={hazard.is_confirmed && FIRES.has(hazard.kind) ? "flame" : "warning"} size={14} />{" "}
        {said(hazard.text) || deviceName(hazard.id)}
      </b>
      <small>{coded("standing", hazard.standing)}</small>
      <div class="row">
        {hazard.point_m !== null && (
          <Button
            tone="quiet"
            icon="fly"
            onClick={() => {
              store.flyTo(hazard.point_m!, NEAR_M);
              store.uncover();
            }}
          >
            {t("evacuation.look")}
          </Button>
        )}
        {hazard.standing === "suspected" && (
          <Button tone="quiet" icon="check" onClick={() => void command("confirm", { object: hazard.id })}>
            {t("evacuation.confirm")}
          </Button>
        )}
      </div>
    </div>
  );
}

/** What devices should do: sent only when somebody sends it, and says so twice. */
function Proposals({ answer }: { answer: EvacuationNow }): JSX.Element | null {
  const [asked, setAsked] = useState(false);
  const open = answer.commands.filter((one) => !one.is_done);
  if (answer.commands.length === 0) return null;
  const written = open.filter((one) => one.how === "channel").length;
  const send = async (): Promise<void> => {
    setAsked(false);
    const sent = await attempt(() => api.sendEvacuation(actor()), null);
    if (sent !== null) store.toast("done", t("evacuation.sent", { n: sent.written.length, by_hand: sent.by_hand.length }));
  };
  return (
    <div class="proposals">
      <h3>
        {t("evacuation.proposed")} <span class="count">{open.length}</span>
      </h3>
      <ul class="says">
        {open.slice(0, FEW).map((one) => (
          <li key={`${one.device} ${one.kind}`}>
            <div>
              <b>{said(one.text)}</b>
              <small>
                {deviceName(one.device)} · {coded("how", one.how)} · {t("coverage.clauses", { clauses: one.clause })}
              </small>
            </div>
          </li>
        ))}
      </ul>
      {open.length > FEW && <p class="caption">{t("evacuation.more", { n: open.length - FEW })}</p>}
      {written > 0 && (
        <Button icon={asked ? "warning" : "play"} onClick={() => (asked ? void send() : setAsked(true))}>
          {t(asked ? "evacuation.send_really" : "evacuation.send", { n: written })}
        </Button>
      )}
    </div>
  );
}

function RollCall({ answer }: { answer: EvacuationNow }): JSX.Element {
  return (
    <div>
      <h3>{t("evacuation.roll_call")}</h3>
      <ul class="says roll">
        {answer.roll_call.points.map((point) => (
          <li key={point.id}>
            <span class="grow ellipsis">{said(point.name)}</span>
            <small class="num">{t("evacuation.expected", { n: integer(Math.round(point.expected)) })}</small>
            <input
              type="number"
              min={0}
              inputMode="numeric"
              aria-label={t("evacuation.counted", { point: said(point.name) })}
              value={point.counted ?? ""}
              onChange={(event) => {
                const persons = Number(event.currentTarget.value);
                if (Number.isInteger(persons) && persons >= 0) void command("count", { object: point.id, persons });
              }}
            />
          </li>
        ))}
      </ul>
      {answer.roll_call.missing !== null && <p class="caption">{t("evacuation.missing", { n: integer(Math.round(answer.roll_call.missing)) })}</p>}
    </div>
  );
}
