/** The chosen camera: turn it, tilt it, move it, give it another model, and see at once what that covers. */

import { signal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useRef } from "preact/hooks";
import { said, t } from "../i18n";
import { store } from "../store";
import { Button, IconButton, Segmented, Select, Slider, Switch } from "../ui/controls";
import { Icon } from "../ui/icons";
import { CameraPicture } from "./camera_picture";
import * as coverage from "./state";
import type { Camera } from "./types";

const RAD = Math.PI / 180;

export function CameraEditor({ camera }: { camera: Camera }): JSX.Element {
  const changed = coverage.changeOf(camera.id);
  const down = coverage.variant.value.without.includes(camera.id);
  const eye = camera.eyes[0];
  // sensors of one housing look its bearing and so much aside
  const bearing = changed?.bearing_deg ?? camera.bearing_deg ?? eye?.bearing_deg ?? 0;
  const tilt = changed?.tilt_deg ?? camera.tilt_deg ?? eye?.tilt_deg ?? 0;
  const [x, y, z] = camera.position_m;
  const models = coverage.answer.value?.models ?? [];
  const presets = changed?.presets ?? camera.presets;
  return (
    <section class="camera-editor" aria-label={said(camera.name) || camera.id}>
      <header>
        <Icon name="camera" size={18} />
        <b class="grow">{said(camera.name) || camera.id}</b>
        {camera.is_offline && <span class="tag bad">{t("coverage.is_down")}</span>}
        {(changed !== undefined || down) && <IconButton icon="reset" label={t("coverage.undo_camera")} onClick={() => coverage.undo(camera.id)} />}
        <IconButton icon="close" label={t("action.close")} onClick={() => store.select(null)} />
      </header>
      {presets.length > 0 ? (
        <Presets camera={camera} presets={presets} />
      ) : (
        <Aim
          bearing_deg={bearing}
          tilt_deg={tilt}
          fov_deg={eye?.horizontal_fov_deg ?? 60}
          hint={t(camera.eyes.length > 1 ? "coverage.turns_together" : "coverage.drag_hint")}
          onTurn={(bearing_deg) => coverage.change(camera.id, { bearing_deg })}
          onTilt={(tilt_deg) => coverage.change(camera.id, { tilt_deg })}
        />
      )}
      <CameraPicture camera={camera} eye={presets.length > 0 ? Math.min(openPreset.value, presets.length - 1) : 0} />
      <details>
        <summary>{t("coverage.mounting")}</summary>
        <div class="position">
          <Number label={t("coverage.east")} unit="m" value={x} step={0.5} onInput={(x_m) => coverage.change(camera.id, { x_m, y_m: y, z_m: z })} />
          <Number label={t("coverage.north")} unit="m" value={y} step={0.5} onInput={(y_m) => coverage.change(camera.id, { x_m: x, y_m, z_m: z })} />
          <Number label={t("coverage.height")} unit="m" value={z} step={0.1} onInput={(z_m) => coverage.change(camera.id, { x_m: x, y_m: y, z_m })} />
        </div>
        <Select label={t("coverage.model")} value={camera.model} options={models.map((m) => ({ value: m.id, text: said(m.name) || m.id }))} onChange={(model) => coverage.change(camera.id, { model })} />
      </details>
      <Switch label={t("coverage.what_if_down")} on={down} onChange={() => coverage.toggleDown(camera.id)} />
      <p class="caption">
        {camera.infrared_m > 0 ? t("coverage.infrared", { m: camera.infrared_m }) : t("coverage.no_infrared")}
        {camera.needed_by.length > 0 && ` · ${t("coverage.needed_by", { n: camera.needed_by.length })}`}
      </p>
    </section>
  );
}

const openPreset = signal(0);
const ZOOMS = { min: 1, max: 40 };

/** The ways a camera looks by turns: each is turned, tilted and zoomed by itself; its coverage is all of them together. */
function Presets({ camera, presets }: { camera: Camera; presets: readonly string[] }): JSX.Element {
  const k = Math.min(openPreset.value, presets.length - 1);
  const [bearing, tilt, zoom] = preset(presets[k]!);
  const put = (next: readonly [number, number, number]): void => coverage.change(camera.id, { presets: presets.map((one, n) => (n === k ? next.map((v) => Math.round(v * 100) / 100).join("/") : one)) });
  return (
    <>
      <p class="caption">{t("coverage.has_presets", { n: presets.length })}</p>
      <Segmented label={t("coverage.preset")} value={String(k)} options={presets.map((_, n) => ({ value: String(n), text: String(n + 1) }))} onChange={(n) => (openPreset.value = globalThis.Number(n))} />
      <Aim bearing_deg={bearing} tilt_deg={tilt} fov_deg={camera.eyes[k]?.horizontal_fov_deg ?? 60} onTurn={(v) => put([v, tilt, zoom])} onTilt={(v) => put([bearing, v, zoom])}>
        <Number label={t("coverage.zoom")} unit="×" value={zoom} step={0.5} {...ZOOMS} onInput={(v) => put([bearing, tilt, v])} />
      </Aim>
      <div class="actions">
        <Button icon="plus" onClick={() => addPreset(camera, presets, k)}>
          {t("coverage.add_preset")}
        </Button>
        {presets.length > 1 && (
          <Button icon="close" onClick={() => coverage.change(camera.id, { presets: presets.filter((_, n) => n !== k) })}>
            {t("coverage.drop_preset")}
          </Button>
        )}
      </div>
    </>
  );
}

/** One more way to look, beside the open one. */
function addPreset(camera: Camera, presets: readonly string[], k: number): void {
  const [bearing, tilt, zoom] = preset(presets[k]!);
  openPreset.value = presets.length;
  coverage.change(camera.id, { presets: [...presets, [(bearing + 30) % 360, tilt, zoom].join("/")] });
}

/** Bearing, tilt and zoom of a preset as `devices.csv` has it. */
function preset(text: string): [number, number, number] {
  const [bearing = 0, tilt = 0, zoom = 1] = text.split("/").map((part) => globalThis.Number.parseFloat(part) || 0);
  return [bearing, tilt, Math.max(ZOOMS.min, zoom)];
}

/** Dial, numbers and slider to aim by. */
function Aim(props: { bearing_deg: number; tilt_deg: number; fov_deg: number; hint?: string; onTurn: (bearing_deg: number) => void; onTilt: (tilt_deg: number) => void; children?: ComponentChildren }): JSX.Element {
  const { bearing_deg, tilt_deg, fov_deg, hint, onTurn, onTilt } = props;
  return (
    <div class="aim">
      <Dial bearing_deg={bearing_deg} fov_deg={fov_deg} onTurn={onTurn} />
      <div class="aim-fields">
        <Number label={t("coverage.bearing")} unit="°" value={bearing_deg} step={1} onInput={(v) => onTurn(((v % 360) + 360) % 360)} />
        <Number label={t("coverage.tilt")} unit="°" value={tilt_deg} step={1} min={-90} max={90} onInput={onTilt} />
        {props.children}
        <Slider label={t("coverage.tilt")} value={tilt_deg} min={-30} max={90} step={1} text={`${tilt_deg}°`} onInput={onTilt} />
        {hint !== undefined && <p class="caption">{hint}</p>}
      </div>
    </div>
  );
}

/** A compass that is turned by hand: drag around it, or use the arrow keys. */
function Dial({ bearing_deg, fov_deg, onTurn }: { bearing_deg: number; fov_deg: number; onTurn: (bearing_deg: number) => void }): JSX.Element {
  const face = useRef<SVGSVGElement>(null);
  const turn = (event: PointerEvent): void => {
    const frame = face.current!.getBoundingClientRect();
    const [east, south] = [event.clientX - frame.left - frame.width / 2, event.clientY - frame.top - frame.height / 2];
    onTurn(Math.round(((Math.atan2(east, -south) / RAD + 360) % 360)) % 360);
  };
  const [half, r] = [Math.min(fov_deg / 2, 179.9) * RAD, 40];
  const at = (angle: number, radius: number): string => `${(Math.sin(angle) * radius).toFixed(2)} ${(-Math.cos(angle) * radius).toFixed(2)}`;
  const b = bearing_deg * RAD;
  return (
    <svg
      ref={face}
      class="dial"
      viewBox="-50 -50 100 100"
      role="slider"
      tabindex={0}
      aria-label={t("coverage.bearing")}
      aria-valuemin={0}
      aria-valuemax={359}
      aria-valuenow={Math.round(bearing_deg)}
      aria-valuetext={`${Math.round(bearing_deg)}°`}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        turn(event);
      }}
      onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && turn(event)}
      onKeyDown={(event) => {
        const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 15, PageDown: -15 }[event.key];
        if (step === undefined) return;
        event.preventDefault();
        onTurn((Math.round(bearing_deg) + step + 360) % 360);
      }}
    >
      <circle class="face" r="46" />
      {[0, 90, 180, 270].map((mark) => (
        <line key={mark} class="tick" x1="0" y1="-46" x2="0" y2="-41" transform={`rotate(${mark})`} />
      ))}
      <text class="north" y="-32">
        {t("coverage.north_letter")}
      </text>
      <path class="field" d={`M0 0L${at(b - half, r)}A${r} ${r} 0 ${half * 2 > Math.PI ? 1 : 0} 1 ${at(b + half, r)}Z`} />
      <line class="hand" x1="0" y1="0" x2={Math.sin(b) * 42} y2={-Math.cos(b) * 42} />
      <circle class="knob" cx={Math.sin(b) * 42} cy={-Math.cos(b) * 42} r="5" />
      <circle class="hub" r="4" />
    </svg>
  );
}

function Number(props: { label: string; unit: string; value: number; step: number; min?: number; max?: number; onInput: (value: number) => void }): JSX.Element {
  return (
    <label class="number-field">
      <span>{props.label}</span>
      <span>
        <input
          type="number"
          value={Math.round(props.value * 100) / 100}
          step={props.step}
          min={props.min}
          max={props.max}
          onChange={(event) => {
            const value = event.currentTarget.valueAsNumber;
            if (globalThis.Number.isFinite(value)) props.onInput(Math.min(props.max ?? Infinity, Math.max(props.min ?? -Infinity, value)));
          }}
        />
        <small>{props.unit}</small>
      </span>
    </label>
  );
}
