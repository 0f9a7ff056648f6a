/** On the card of a place: the way there, the way from there, and what is nearest to it. */

import type { JSX } from "preact";
import { show } from "../actions";
import { coded, said, t } from "../i18n";
import { store } from "../store";
import type { Card, ObjectRef } from "../types";
import { Button, Empty, Failure, IconButton, Loading, Select } from "../ui/controls";
import { durationText } from "../units";
import * as ways from "./state";
import { WaySteps, WaySum } from "./steps";

/** What has a place that a way can lead to. */
const LED_TO = new Set(["device", "space", "storey", "building", "ground", "pipe", "node"]);

export function WayTools({ card }: { card: Card }): JSX.Element | null {
  if (!LED_TO.has(card.type)) return null;
  const of: ObjectRef = { type: card.type, id: card.id };
  const wish = ways.wish.value;
  const on = wish !== null && wish.place.type === of.type && wish.place.id === of.id;
  return (
    <section class="way-tools">
      <div class="split">
        <Button icon="walk" pressed={on} onClick={() => (ways.wish.value = on ? null : { place: of, nearest: null })}>
          {t("ways.there")}
        </Button>
        <Button
          icon="pin"
          pressed={ways.start.value?.ref.id === of.id}
          onClick={() => (ways.start.value = ways.start.value?.ref.id === of.id ? null : { ref: of, name: said(card.name) || card.id })}
        >
          {t("ways.from_here")}
        </Button>
      </div>
      {on && <Asked wish={wish} />}
    </section>
  );
}

function Asked({ wish }: { wish: ways.Wish }): JSX.Element {
  const { nearest } = wish;
  return (
    <>
      <Select
        label={t("ways.profile")}
        value={ways.profile.value}
        options={ways.PROFILES.map((id) => ({ value: id, text: coded("profile", id) }))}
        onChange={(id) => (ways.profile.value = id)}
      />
      <Select
        label={t("ways.wanted")}
        value={nearest ?? ""}
        options={[{ value: "", text: t("ways.to_here") }, ...ways.NEAREST.map((kind) => ({ value: kind, text: t("ways.nearest", { kind: coded("nearest", kind) }) }))]}
        onChange={(kind) => (ways.wish.value = { ...wish, nearest: kind === "" ? null : kind })}
      />
      {nearest === null && <Start />}
      <Answer />
    </>
  );
}

function Start(): JSX.Element {
  const from = ways.start.value;
  return (
    <div class="way-start">
      <span>{from === null ? t("ways.from_gate") : t("ways.from", { name: from.name })}</span>
      {from !== null && <IconButton icon="close" label={t("ways.from_gate")} onClick={() => (ways.start.value = null)} />}
    </div>
  );
}

function Answer(): JSX.Element {
  const [route, near] = [ways.found.value, ways.near.value];
  if (ways.failed.value !== null) return <Failure text={ways.failed.value} />;
  if (route === null && near === null) return <Loading />;
  const onStorey = (id: string | null): void => {
    ways.storey.value = { id };
    if (id !== null) store.isolate({ storey: id });
    else store.isolate(null);
    store.uncover();
  };
  return (
    <>
      {near !== null && near.places.length === 0 && <Empty icon="walk" title={t("ways.none_near")} />}
      {near !== null && near.places.length > 0 && (
        <ol class="near">
          {near.places.map((place) => (
            <li key={place.id}>
              <button type="button" onClick={() => show({ type: store.index.value?.position.has(place.id) ? "device" : place.storey === null ? "ground" : "space", id: place.id }, null)}>
                <b>{said(place.name)}</b>
                <span class="num">{durationText(place.duration_s)}</span>
              </button>
            </li>
          ))}
        </ol>
      )}
      {route !== null && (
        <>
          <h3>
            {t("crew.way")} <WaySum route={route} />
          </h3>
          <WaySteps route={route} onStorey={onStorey} />
        </>
      )}
    </>
  );
}
