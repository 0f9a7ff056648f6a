/** Own buttons, toggles, sliders and dialogs: small, keyboard-ready, all sizes from the tokens. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { t } from "../i18n";
import { Icon, type IconName } from "./icons";

type Tone = "plain" | "accent" | "quiet" | "danger";

interface ButtonProps {
  children?: ComponentChildren;
  icon?: IconName;
  tone?: Tone;
  big?: boolean;
  disabled?: boolean;
  pressed?: boolean;
  title?: string;
  type?: "button" | "submit";
  class?: string;
  onClick?: (event: MouseEvent) => void;
}

export function Button({ children, icon, tone = "plain", big = false, class: extra = "", pressed, ...rest }: ButtonProps): JSX.Element {
  return (
    <button type="button" class={`button ${tone} ${big ? "big" : ""} ${extra}`} aria-pressed={pressed} {...rest}>
      {icon && <Icon name={icon} size={big ? 20 : 16} />}
      {children !== undefined && <span>{children}</span>}
    </button>
  );
}

/** A button of an icon alone; its words are its label and its tooltip. */
export function IconButton(props: {
  icon: IconName;
  label: string;
  pressed?: boolean;
  disabled?: boolean;
  hint?: string;
  class?: string;
  onClick: (event: MouseEvent) => void;
}): JSX.Element {
  const { icon, label, pressed, disabled, hint, class: extra = "", onClick } = props;
  return (
    <button
      type="button"
      class={`icon-button ${extra}`}
      aria-label={label}
      aria-pressed={pressed}
      title={hint === undefined ? label : `${label} (${hint})`}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}

/** One of a few choices, side by side. */
export function Segmented<T extends string>(props: {
  label: string;
  value: T | null;
  options: readonly { value: T; text: string; icon?: IconName }[];
  onChange: (value: T) => void;
  iconsOnly?: boolean;
}): JSX.Element {
  return (
    <div class="segmented" role="radiogroup" aria-label={props.label}>
      {props.options.map((option) => (
        <button
          key={option.value}
          type="button"
          role="radio"
          aria-checked={option.value === props.value}
          tabIndex={option.value === props.value || props.value === null ? 0 : -1}
          aria-label={props.iconsOnly ? option.text : undefined}
          title={props.iconsOnly ? option.text : undefined}
          onClick={() => props.onChange(option.value)}
          onKeyDown={(event) => moveBetween(event, '[role="radio"]', true)}
        >
          {option.icon && <Icon name={option.icon} size={16} />}
          {!props.iconsOnly && <span>{option.text}</span>}
        </button>
      ))}
    </div>
  );
}

export interface Tab<T extends string> {
  value: T;
  text: string;
  icon?: IconName;
  badge?: number;
  badgeTone?: string;
}

export function Tabs<T extends string>(props: {
  label: string;
  value: T;
  tabs: readonly Tab<T>[];
  onChange: (value: T) => void;
}): JSX.Element {
  return (
    <div class="tabs" role="tablist" aria-label={props.label}>
      {props.tabs.map((tab) => (
        <button
          key={tab.value}
          type="button"
          role="tab"
          aria-selected={tab.value === props.value}
          tabIndex={tab.value === props.value ? 0 : -1}
          onClick={() => props.onChange(tab.value)}
          onKeyDown={(event) => moveBetween(event, '[role="tab"]', true)}
        >
          {tab.icon && <Icon name={tab.icon} size={16} />}
          <span>{tab.text}</span>
          {tab.badge !== undefined && tab.badge > 0 && <span class={`badge ${tab.badgeTone ?? ""}`}>{tab.badge}</span>}
        </button>
      ))}
    </div>
  );
}

/** Arrow keys go to the next of its kind within the same group; `press` also chooses it. */
export function moveBetween(event: KeyboardEvent, selector: string, press = false): void {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  const here = event.currentTarget as HTMLElement;
  const all = [...(here.parentElement?.querySelectorAll<HTMLElement>(selector) ?? [])];
  const next = all[(all.indexOf(here) + step + all.length) % all.length];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
  if (press) next.click();
}

export function Switch(props: {
  label: ComponentChildren;
  on: boolean;
  onChange: (on: boolean) => void;
  swatch?: string;
  after?: ComponentChildren;
}): JSX.Element {
  return (
    <button type="button" role="switch" class="switch" aria-checked={props.on} onClick={() => props.onChange(!props.on)}>
      {props.swatch !== undefined && <i class="swatch" style={{ background: props.swatch }} />}
      <span class="grow">{props.label}</span>
      {props.after}
      <i class="track" />
    </button>
  );
}

export function Slider(props: {
  label: string;
  value: number;
  min: number;
  max: number;
  step: number;
  text?: string;
  vertical?: boolean;
  onInput: (value: number) => void;
}): JSX.Element {
  const { min, max, value } = props;
  const filled = max > min ? ((value - min) / (max - min)) * 100 : 0;
  return (
    <input
      type="range"
      class={`slider ${props.vertical ? "vertical" : ""}`}
      aria-label={props.label}
      aria-valuetext={props.text}
      style={{ "--filled": `${filled}%` }}
      min={min}
      max={max}
      step={props.step}
      value={value}
      onInput={(event) => props.onInput(Number(event.currentTarget.value))}
    />
  );
}

/** A select in the house's dress; the list itself is the system's, which every keyboard and phone knows. */
export function Select(props: {
  label: string;
  value: string;
  options: readonly { value: string; text: string }[];
  placeholder?: string;
  hideLabel?: boolean;
  onChange: (value: string) => void;
}): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id} class={props.hideLabel ? "unseen" : ""}>
        {props.label}
      </label>
      <div class="select">
        <select id={id} value={props.value} onChange={(event) => props.onChange(event.currentTarget.value)}>
          {props.placeholder !== undefined && (
            <option value="" disabled={props.value !== ""}>
              {props.placeholder}
            </option>
          )}
          {props.options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.text}
            </option>
          ))}
        </select>
        <Icon name="chevron_down" size={14} />
      </div>
    </div>
  );
}

/** A modal dialog; the browser's own keeps the focus inside and gives it back. */
export function Dialog(props: { title: string; onClose: () => void; children: ComponentChildren; wide?: boolean }): JSX.Element {
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      class={`dialog ${props.wide ? "wide" : ""}`}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
      onClick={(event) => event.target === ref.current && props.onClose()}
    >
      <div class="dialog-body">
        <header>
          <h2 id={heading}>{props.title}</h2>
          <IconButton icon="close" label={t("action.close")} onClick={props.onClose} />
        </header>
        {props.children}
      </div>
    </dialog>
  );
}

export function Empty(props: { icon: IconName; title: string; children?: ComponentChildren }): JSX.Element {
  return (
    <div class="empty">
      <Icon name={props.icon} size={28} />
      <strong>{props.title}</strong>
      {props.children !== undefined && <p>{props.children}</p>}
    </div>
  );
}

export function Loading({ text }: { text?: string }): JSX.Element {
  return (
    <div class="loading" role="status">
      <i class="spinner" />
      <span>{text ?? t("state.loading")}</span>
    </div>
  );
}

export function Failure(props: { text: string; retry?: () => void }): JSX.Element {
  return (
    <div class="failure" role="alert">
      <Icon name="warning" size={18} />
      <span>{props.text}</span>
      {props.retry && (
        <Button icon="reset" onClick={props.retry}>
          {t("action.retry")}
        </Button>
      )}
    </div>
  );
}
