/** The line at the top of every page: which site, which page, what time, whether it lives. */

import type { JSX } from "preact";
import { said, t } from "../i18n";
import { toggleLanguage, toggleTheme } from "../preferences";
import { go, page, pathOf, type Page } from "../router";
import { store } from "../store";
import { IconButton, Select } from "../ui/controls";
import { Icon, Mark, type IconName } from "../ui/icons";
import { clockText, dayText } from "../units";
import { SEVERITY_ICONS } from "../panels/marks";

const PAGES: readonly { page: Page; icon: IconName }[] = [
  { page: "view", icon: "cube" },
  { page: "map", icon: "map" },
  { page: "crew", icon: "person" },
];

export function Header(): JSX.Element {
  const site = store.site.value;
  return (
    <header class="header">
      <div class="brand">
        <Mark />
        <h1 class="ellipsis">{site === null ? "Plumbline" : said(site.name)}</h1>
      </div>
      <nav class="pages" aria-label={t("header.pages")}>
        {PAGES.map((one) => (
          <a
            key={one.page}
            href={pathOf(one.page)}
            aria-current={page.value === one.page ? "page" : undefined}
            aria-label={t(`page.${one.page}`)}
            onClick={(event) => {
              if (event.ctrlKey || event.metaKey || event.shiftKey) return;
              event.preventDefault();
              go(one.page);
            }}
          >
            <Icon name={one.icon} size={16} />
            <span>{t(`page.${one.page}`)}</span>
          </a>
        ))}
      </nav>
      <div class="header-right">
        <AlarmPill />
        <ConnectionPill />
        <Clock />
        {store.staff.value.length > 0 && page.value !== "crew" && <Me />}
        <button type="button" class="language" aria-label={`中EN · ${t("header.language")}`} title={`${t("header.language")} (L)`} onClick={toggleLanguage}>
          <span lang="zh">中</span>
          <span lang="en">EN</span>
          <i class={store.language.value} />
        </button>
        <IconButton
          icon={store.theme.value === "dark" ? "sun" : "moon"}
          label={t(store.theme.value === "dark" ? "header.light" : "header.dark")}
          hint="D"
          onClick={toggleTheme}
        />
        {page.value === "view" && <IconButton class="wide-only" icon="help" label={t("help.title")} hint="?" onClick={() => (store.helpOpen.value = true)} />}
      </div>
    </header>
  );
}

function Clock(): JSX.Element | null {
  const zone = store.site.value?.time_zone;
  if (zone === undefined) return null;
  const now = new Date(store.now_s.value * 1000);
  return (
    <time class="clock" title={`${dayText(now, zone)} · ${zone}`}>
      {clockText(now, zone)}
    </time>
  );
}

/** Who gives the commands on this page. */
function Me(): JSX.Element {
  return (
    <div class="me wide-only">
      <Select
        label={t("header.me")}
        hideLabel
        value={store.me.value ?? ""}
        placeholder={t("header.me")}
        options={store.staff.value.map((s) => ({ value: s.id, text: said(s.name) || s.id }))}
        onChange={(id) => (store.me.value = id)}
      />
    </div>
  );
}

export function ConnectionPill(): JSX.Element {
  const state = store.connection.value;
  const broker = store.health.value?.broker.connected ?? true;
  const shown = state === "live" && !broker ? "no_broker" : state;
  return (
    <span class={`pill connection ${shown}`} role="status">
      <i />
      <span>{t(`connection.${shown}`)}</span>
    </span>
  );
}

function AlarmPill(): JSX.Element | null {
  const raised = store.activeAlarms.value.filter((a) => a.state === "raised");
  const worst = raised[0];
  if (worst === undefined) return null;
  return (
    <button
      type="button"
      class={`pill alarm-pill ${worst.severity}`}
      aria-label={t("header.alarms", { n: raised.length })}
      title={t("header.alarms", { n: raised.length })}
      onClick={() => {
        if (page.value === "crew") go("view");
        store.detailTab.value = "alarms";
        store.sheet.value = "details";
      }}
    >
      <Icon name={SEVERITY_ICONS[worst.severity]} size={15} />
      <span>{raised.length}</span>
    </button>
  );
}
