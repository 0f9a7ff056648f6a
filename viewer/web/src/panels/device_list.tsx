/** Every device as a list: the scene without sight of it. Only the rows in view are in the page. */

import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { show } from "../actions";
import { QUALITY_NAMES } from "../feed";
import { coded, said, t } from "../i18n";
import type { SiteIndex } from "../site_index";
import { store } from "../store";
import { Empty, Select } from "../ui/controls";
import { integer, readingText } from "../units";
import { QualityMark, SeverityMark, Swatch } from "./marks";

const ROW_PX = 44;
const MARGIN_ROWS = 6;

type State = "" | "alarm" | "stale" | "never";

function matching(index: SiteIndex, system: string, place: string, state: State): number[] {
  const alarms = store.alarmByDevice.value;
  const { live } = store;
  const found: number[] = [];
  for (let k = 0; k < index.count; k++) {
    if (system !== "" && index.kind(k).system !== system) continue;
    if (place !== "" && index.devices.building[k] !== place) continue;
    if (state === "alarm" && !alarms.has(index.devices.id[k]!)) continue;
    if (state === "stale" || state === "never") {
      const row = index.primaryRow[k]!;
      if (row < 0 || QUALITY_NAMES[live.quality[row]!] !== state) continue;
    }
    found.push(k);
  }
  return found;
}

export function DeviceList(): JSX.Element {
  const index = store.index.value;
  const [system, setSystem] = useState("");
  const [place, setPlace] = useState("");
  const [state, setState] = useState<State>("");
  const isolation = store.isolation.value;
  const alarms = store.alarmByDevice.value;
  // qualities change all the time: that filter is looked at again each second, the others only when they change
  const beat = state === "" || state === "alarm" ? 0 : Math.floor(store.now_s.value);
  const found = useMemo(() => {
    if (index === null) return [];
    const all = matching(index, system, place, state);
    return isolation?.storey === undefined ? all : all.filter((k) => index.devices.storey[k] === isolation.storey);
  }, [index, system, place, state, isolation, state === "alarm" ? alarms : null, beat]);
  if (index === null) return <></>;
  return (
    <div class="device-list">
      <div class="filters">
        <Select
          label={t("list.system")}
          hideLabel
          value={system}
          onChange={setSystem}
          options={[
            { value: "", text: t("list.all_systems") },
            ...(store.site.value?.systems ?? []).map((s) => ({ value: s, text: coded("system", s) })),
          ]}
        />
        <Select
          label={t("list.building")}
          hideLabel
          value={place}
          onChange={setPlace}
          options={[
            { value: "", text: t("list.all_buildings") },
            ...index.buildings.map((b) => ({ value: b.id, text: said(b.name) })),
          ]}
        />
        <Select
          label={t("list.state")}
          hideLabel
          value={state}
          onChange={(value) => setState(value as State)}
          options={[
            { value: "", text: t("list.any_state") },
            { value: "alarm", text: t("list.with_alarm") },
            { value: "stale", text: coded("quality", "stale") },
            { value: "never", text: coded("quality", "never") },
          ]}
        />
      </div>
      <p class="caption">{t("list.count", { n: integer(found.length) })}</p>
      {found.length === 0 ? <Empty icon="filter" title={t("list.empty")} /> : <Rows key={`${system}|${place}|${state}|${isolation?.storey ?? ""}`} index={index} found={found} />}
    </div>
  );
}

function Rows({ index, found }: { index: SiteIndex; found: number[] }): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  const [chosen, setChosen] = useState(0);
  // two keys may come before the page is drawn anew
  const latest = useRef(0);
  const active = Math.min(chosen, found.length - 1);
  void store.now_s.value; // values are read anew each second
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setHeight(entry!.contentRect.height));
    observer.observe(host.current!);
    return () => observer.disconnect();
  }, []);

  const choose = (k: number): number => {
    latest.current = Math.max(0, Math.min(found.length - 1, k));
    setChosen(latest.current);
    return latest.current;
  };
  const move = (to: number): void => {
    const next = choose(to);
    const box = host.current!;
    if (next * ROW_PX < box.scrollTop) box.scrollTop = next * ROW_PX;
    else if ((next + 1) * ROW_PX > box.scrollTop + height) box.scrollTop = (next + 1) * ROW_PX - height;
  };
  const open = (k: number): void => {
    const position = found[k];
    if (position !== undefined) show({ type: "device", id: index.devices.id[position]! }, index.point(position));
  };
  const key = (event: KeyboardEvent): void => {
    const page = Math.floor(height / ROW_PX);
    const at = latest.current;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: found.length }[event.key];
    if (to !== undefined) move(to);
    else if (event.key === "Enter" || event.key === " ") open(at);
    else return;
    event.preventDefault();
  };

  const first = Math.max(0, Math.floor(top / ROW_PX) - MARGIN_ROWS);
  const last = Math.min(found.length, Math.ceil((top + height) / ROW_PX) + MARGIN_ROWS);
  return (
    <div
      ref={host}
      class="rows"
      role="listbox"
      tabIndex={0}
      aria-label={t("list.label")}
      aria-activedescendant={`device-${active}`}
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
      onKeyDown={key}
    >
      <div style={{ height: `${found.length * ROW_PX}px`, position: "relative" }}>
        {found.slice(first, last).map((position, k) => (
          <DeviceRow
            key={position}
            index={index}
            position={position}
            number={first + k}
            total={found.length}
            active={first + k === active}
            onClick={() => {
              open(choose(first + k));
            }}
          />
        ))}
      </div>
    </div>
  );
}

function DeviceRow(props: {
  index: SiteIndex;
  position: number;
  number: number;
  total: number;
  active: boolean;
  onClick: () => void;
}): JSX.Element {
  const { index, position, number, active } = props;
  const id = index.devices.id[position]!;
  const kind = index.kind(position);
  const channel = index.primary(position);
  const row = index.primaryRow[position]!;
  const alarm = store.alarmByDevice.value.get(id);
  const building = index.devices.building[position];
  const storey = index.devices.storey[position];
  const place = [building && said(index.building.get(building)?.name), storey && said(index.storey.get(storey)?.name)];
  return (
    <div
      id={`device-${number}`}
      role="option"
      aria-selected={active}
      aria-setsize={props.total}
      aria-posinset={number + 1}
      class={`device-row ${store.isSelected("device", id) ? "selected" : ""}`}
      style={{ top: `${number * ROW_PX}px`, height: `${ROW_PX}px` }}
      onClick={props.onClick}
    >
      {alarm ? <SeverityMark severity={alarm.severity} /> : <Swatch system={kind.system} />}
      <span class="grow">
        <b>{said(index.name(position))}</b>
        <small>{[said(kind.name), ...place].filter(Boolean).join(" · ")}</small>
      </span>
      {channel !== null && (
        <span class="value">
          {readingText(store.live.values[row], channel.unit, channel.decimals, channel.states)}
          <QualityMark quality={QUALITY_NAMES[store.live.quality[row]!]!} />
        </span>
      )}
    </div>
  );
}
