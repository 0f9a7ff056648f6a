/** What is asked of an evacuation: who is there, what burns, what closes when, who is told later. */

import type { JSX } from "preact";
import { api } from "../api";
import { said, t } from "../i18n";
import { store } from "../store";
import type { ObjectRef } from "../types";
import { Button, IconButton, Segmented, Select, Switch } from "../ui/controls";
import { Icon } from "../ui/icons";
import { useLoad } from "../ui/load";
import * as evacuation from "./state";
import { duration } from "./times";

const CLOSES_S = [0, 60, 120, 180, 300, 600];
const LATER_S = [0, 120, 300, 600, 900];

export function Asked(): JSX.Element {
  const selection = store.selection.value;
  const room = selection?.type === "space" && selection.id !== evacuation.fire.value ? selection : null;
  const storey = store.isolation.value?.storey;
  return (
    <section>
      <Segmented
        label={t("evacuation.time")}
        value={evacuation.time.value}
        options={[
          { value: "night", text: t("evacuation.night"), icon: "moon" },
          { value: "day", text: t("evacuation.day"), icon: "sun" },
        ]}
        onChange={(value) => (evacuation.time.value = value)}
      />
      <Chips />
      {room !== null ? (
        <FireHere key={room.id} room={room} />
      ) : (
        evacuation.fire.value === null && <p class="caption">{t("evacuation.fire_hint")}</p>
      )}
      {storey !== undefined && !evacuation.full.value.includes(storey) && (
        <Button icon="people" onClick={() => (evacuation.full.value = [...evacuation.full.value, storey])}>
          {t("evacuation.fill", { name: storeyName(storey) })}
        </Button>
      )}
      {evacuation.fire.value !== null && <OfTheFire />}
    </section>
  );
}

/** What is set: the fire, what is closed, what is crowded; each can be taken back. */
function Chips(): JSX.Element {
  const burning = evacuation.answer.value?.fire;
  return (
    <ul class="chips">
      {evacuation.fire.value !== null && (
        <li class="fire">
          <Icon name="flame" size={14} />
          <span>{[said(burning?.name) || evacuation.fire.value, said(burning?.place)].filter(Boolean).join(" · ")}</span>
          <IconButton icon="close" label={t("evacuation.no_fire")} onClick={() => (evacuation.fire.value = null)} />
        </li>
      )}
      {evacuation.closed.value.map(({ id, from_s }) => (
        <li key={id} class="closes">
          <Icon name="stop" size={14} />
          <span>{t("evacuation.closed", { id })}</span>
          <Select
            label={t("evacuation.closed_from", { id })}
            hideLabel
            value={String(from_s)}
            options={CLOSES_S.map((value) => ({ value: String(value), text: value === 0 ? t("evacuation.from_start") : t("evacuation.after", { time: duration(value) }) }))}
            onChange={(value) => evacuation.closeFrom(id, Number(value))}
          />
          <IconButton icon="close" label={t("evacuation.open_again", { id })} onClick={() => evacuation.toggleClosed(id)} />
        </li>
      ))}
      {evacuation.full.value.map((id) => (
        <li key={id}>
          <Icon name="people" size={14} />
          <span>{t("evacuation.full", { name: storeyName(id) })}</span>
          <IconButton icon="close" label={t("evacuation.not_full", { name: storeyName(id) })} onClick={() => (evacuation.full.value = evacuation.full.value.filter((one) => one !== id))} />
        </li>
      ))}
    </ul>
  );
}

/** What if the room that is selected burns. */
function FireHere({ room }: { room: ObjectRef }): JSX.Element {
  const { data } = useLoad(`fire:${room.id}`, (signal) => api.card(room, signal));
  return (
    <Button icon="flame" onClick={() => (evacuation.fire.value = room.id)}>
      {t("evacuation.fire_here", { name: said(data?.name) || room.id })}
    </Button>
  );
}

/** What else a fire changes. */
function OfTheFire(): JSX.Element {
  const lifts = evacuation.answer.value?.fire?.lifts ?? [];
  return (
    <>
      <Select
        label={t("evacuation.told")}
        value={String(evacuation.othersLater_s.value)}
        options={LATER_S.map((value) => ({ value: String(value), text: value === 0 ? t("evacuation.at_once") : t("evacuation.later", { time: duration(value) }) }))}
        onChange={(value) => (evacuation.othersLater_s.value = Number(value))}
      />
      <Switch label={t("evacuation.fans")} on={evacuation.fans.value} onChange={(on) => (evacuation.fans.value = on)} />
      {lifts.length > 0 && <Switch label={t("evacuation.by_lift")} on={evacuation.byLift.value} onChange={(on) => (evacuation.byLift.value = on)} />}
    </>
  );
}

function storeyName(id: string): string {
  const entry = store.index.value?.storey.get(id);
  return said(entry?.name) || id;
}
