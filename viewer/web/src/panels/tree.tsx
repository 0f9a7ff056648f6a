/** Buildings and their storeys: select, isolate, and see where alarms are. */

import { computed } from "@preact/signals";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { show } from "../actions";
import { coded, said, t } from "../i18n";
import { store } from "../store";
import { SEVERITIES, type BuildingEntry, type Severity, type StoreyEntry } from "../types";
import { Empty, IconButton } from "../ui/controls";
import { Icon } from "../ui/icons";
import { SeverityMark } from "./marks";

interface Tally {
  devices: number;
  worst: Severity | null;
}

/** Devices and worst alarm of every building and storey. */
const tallies = computed(() => {
  const index = store.index.value;
  const found = new Map<string, Tally>();
  if (index === null) return found;
  const alarms = store.alarmByDevice.value;
  const { id, building, storey } = index.devices;
  for (let k = 0; k < id.length; k++) {
    const severity = alarms.get(id[k]!)?.severity ?? null;
    for (const place of [building[k], storey[k]]) {
      if (place === null || place === undefined) continue;
      const tally = found.get(place) ?? { devices: 0, worst: null };
      tally.devices++;
      if (severity !== null && (tally.worst === null || SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(tally.worst))) {
        tally.worst = severity;
      }
      found.set(place, tally);
    }
  }
  return found;
});

/** Up and down move among the rows that show; left and right close and open. */
function treeKeys(event: KeyboardEvent, toggle?: (open: boolean) => void): void {
  if (event.key === "ArrowRight" && toggle) toggle(true);
  else if (event.key === "ArrowLeft" && toggle) toggle(false);
  else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const here = event.currentTarget as HTMLElement;
    const rows = [...(here.closest('[role="treegrid"]')?.querySelectorAll<HTMLElement>(".tree-name") ?? [])];
    rows[rows.indexOf(here) + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
  } else if (event.key === "Enter" || event.key === " ") (event.currentTarget as HTMLElement).click();
  else return;
  event.preventDefault();
}

export function Tree(): JSX.Element {
  const index = store.index.value;
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  if (index === null) return <></>;
  if (index.buildings.length === 0) return <Empty icon="building" title={t("tree.empty")} />;
  const toggle = (id: string, wanted?: boolean): void => {
    const next = new Set(open);
    if (wanted ?? !next.has(id)) next.add(id);
    else next.delete(id);
    setOpen(next);
  };
  return (
    <div class="tree" role="treegrid" aria-label={t("tree.label")}>
      {index.buildings.map((building) => (
        <BuildingRows
          key={building.id}
          building={building}
          open={open.has(building.id)}
          toggle={(wanted) => toggle(building.id, wanted)}
        />
      ))}
    </div>
  );
}

function BuildingRows(props: { building: BuildingEntry; open: boolean; toggle: (open?: boolean) => void }): JSX.Element {
  const { building, open, toggle } = props;
  const tally = tallies.value.get(building.id);
  const isolated = store.isolation.value?.building === building.id && store.isolation.value.storey === undefined;
  const selected = store.isSelected("building", building.id);
  return (
    <>
      <div
        role="row"
        aria-level={1}
        aria-expanded={open}
        aria-selected={selected}
        class={`tree-row ${selected ? "selected" : ""} ${isolated ? "isolated" : ""}`}
      >
        <span role="gridcell">
          <IconButton
            class="twist"
            icon={open ? "chevron_down" : "chevron_right"}
            label={t(open ? "tree.close" : "tree.open", { name: said(building.name) })}
            onClick={() => toggle()}
          />
        </span>
        <div
          role="gridcell"
          class="tree-name"
          tabIndex={0}
          onClick={() => show({ type: "building", id: building.id }, null)}
          onDblClick={() => toggle()}
          onKeyDown={(event) => treeKeys(event, toggle)}
        >
          <Icon name="building" size={16} />
          <span class="grow ellipsis" title={coded("use", building.use)}>
            {said(building.name)}
          </span>
          {tally?.worst && <SeverityMark severity={tally.worst} />}
          <span class="count">{tally?.devices ?? 0}</span>
        </div>
        <Isolate on={isolated} name={said(building.name)} onClick={() => store.isolate(isolated ? null : { building: building.id })} />
      </div>
      {open && [...building.storeys].reverse().map((storey) => <StoreyRow key={storey.id} storey={storey} building={building.id} />)}
    </>
  );
}

function StoreyRow({ storey, building }: { storey: StoreyEntry; building: string }): JSX.Element {
  const tally = tallies.value.get(storey.id);
  const isolated = store.isolation.value?.storey === storey.id;
  const selected = store.isSelected("storey", storey.id);
  return (
    <div
      role="row"
      aria-level={2}
      aria-selected={selected}
      class={`tree-row storey ${selected ? "selected" : ""} ${isolated ? "isolated" : ""}`}
    >
      <div
        role="gridcell"
        class="tree-name"
        tabIndex={0}
        onClick={() => show({ type: "storey", id: storey.id }, null)}
        onKeyDown={(event) => treeKeys(event)}
      >
        <span class="grow ellipsis">{said(storey.name)}</span>
        {tally?.worst && <SeverityMark severity={tally.worst} />}
        <span class="count">{tally?.devices ?? 0}</span>
      </div>
      <Isolate on={isolated} name={said(storey.name)} onClick={() => store.isolate(isolated ? null : { building, storey: storey.id })} />
    </div>
  );
}

function Isolate(props: { on: boolean; name: string; onClick: () => void }): JSX.Element {
  return (
    <span role="gridcell">
      <IconButton
        class="row-action"
        icon="isolate"
        pressed={props.on}
        label={t(props.on ? "tree.show_all" : "tree.isolate", { name: props.name })}
        onClick={props.onClick}
      />
    </span>
  );
}
