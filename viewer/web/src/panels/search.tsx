/** Search by name, id or flat number; arrow keys choose, Enter flies there. */

import type { JSX } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import { show } from "../actions";
import { api } from "../api";
import { coded, said, t } from "../i18n";
import type { Found } from "../types";
import { Icon } from "../ui/icons";
import { IconButton } from "../ui/controls";
import { useLoad } from "../ui/load";
import { TYPE_ICONS } from "./marks";

const SETTLE_MS = 120;

export function Search({ onShown }: { onShown?: () => void }): JSX.Element {
  const [text, setText] = useState("");
  const [asked, setAsked] = useState("");
  const [chosen, setChosen] = useState(0);
  const [open, setOpen] = useState(false);
  const list = useId();
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text.trim()), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const { data, error, loading } = useLoad(asked === "" ? null : asked, (signal) => api.search(asked, signal));
  const found = data?.items ?? [];
  useEffect(() => setChosen(0), [asked]);

  const pick = (item: Found): void => {
    show({ type: item.type, id: item.id }, item.point_m);
    setOpen(false);
    onShown?.();
  };
  const key = (event: KeyboardEvent): void => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setOpen(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      if (found.length > 0) setChosen((chosen + step + found.length) % found.length);
    } else if (event.key === "Enter") {
      const item = found[chosen];
      if (item !== undefined && open) pick(item);
      else setOpen(true);
    } else if (event.key === "Escape") {
      if (text === "") (event.currentTarget as HTMLElement).blur();
      setText("");
      setAsked("");
    }
  };

  return (
    <div class="search">
      <div class="search-box">
        <Icon name="search" size={16} />
        <input
          id="search"
          type="text"
          role="combobox"
          inputMode="search"
          autocomplete="off"
          spellcheck={false}
          aria-label={t("search.label")}
          aria-expanded={open && asked !== ""}
          aria-controls={list}
          aria-activedescendant={found.length > 0 ? `${list}-${chosen}` : undefined}
          placeholder={t("search.placeholder")}
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setOpen(true);
          }}
          onFocus={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onKeyDown={key}
        />
        {text === "" ? (
          <kbd>/</kbd>
        ) : (
          <IconButton
            icon="close"
            label={t("action.clear")}
            onClick={() => {
              setText("");
              setAsked("");
            }}
          />
        )}
      </div>
      {open && asked !== "" && (
        <ul class="found" id={list} role="listbox" aria-label={t("search.results")}>
          {found.map((item, k) => (
            <li
              key={`${item.type}:${item.id}`}
              id={`${list}-${k}`}
              role="option"
              aria-selected={k === chosen}
              onPointerMove={() => setChosen(k)}
              // before the field loses the focus, and with it the list
              onPointerDown={(event) => {
                event.preventDefault();
                pick(item);
              }}
            >
              <Icon name={TYPE_ICONS[item.type]} size={16} />
              <span class="grow">
                <b>{said(item.name) || item.id}</b>
                <small>
                  {[coded("type", item.type), ...item.place.map((step) => said(step.name) || step.id)].join(" · ")}
                </small>
              </span>
            </li>
          ))}
          {found.length === 0 && (
            <li class="note" role="presentation">
              {loading ? t("state.searching") : (error ?? t("search.nothing", { q: asked }))}
            </li>
          )}
        </ul>
      )}
    </div>
  );
}
