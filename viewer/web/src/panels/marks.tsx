/** Small signs used all over: severities by shape and word, qualities, states, kinds of things. */

import type { JSX } from "preact";
import { coded } from "../i18n";
import type { Alarm, ObjectType, QualityName, Severity, WorkOrder } from "../types";
import { Icon, type IconName } from "../ui/icons";

/** Each severity has its own shape, so that it is read without colour. */
export const SEVERITY_ICONS: Record<Severity, IconName> = {
  critical: "octagon",
  major: "warning",
  minor: "diamond",
  info: "circle_info",
};

export const TYPE_ICONS: Record<ObjectType, IconName> = {
  device: "device",
  space: "space",
  storey: "storey",
  building: "building",
  ground: "ground",
  pipe: "pipe",
  node: "node",
};

export function SeverityMark({ severity, words = false }: { severity: Severity; words?: boolean }): JSX.Element {
  return (
    <span class={`severity ${severity}`} title={coded("severity", severity)}>
      <Icon name={SEVERITY_ICONS[severity]} size={words ? 14 : 18} />
      {words ? coded("severity", severity) : <span class="unseen">{coded("severity", severity)}</span>}
    </span>
  );
}

/** Quality: a filled dot for good, other shapes for the rest. */
export function QualityMark({ quality, words = false }: { quality: QualityName; words?: boolean }): JSX.Element {
  const text = coded("quality", quality);
  return (
    <span class={`quality ${quality}`} title={text}>
      <i />
      {words ? text : <span class="unseen">{text}</span>}
    </span>
  );
}

export function AlarmStateTag({ alarm }: { alarm: Alarm }): JSX.Element {
  return <span class={`tag alarm-${alarm.state}`}>{coded("alarm_state", alarm.state)}</span>;
}

export function OrderStateTag({ order }: { order: WorkOrder }): JSX.Element {
  return <span class={`tag order-${order.state}`}>{coded("order_state", order.state)}</span>;
}

export function Swatch({ system }: { system: string }): JSX.Element {
  return <i class="swatch" style={{ background: `var(--system-${system}, var(--ink-3))` }} />;
}
