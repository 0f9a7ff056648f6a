/** The key of the coloured floors, and the way out. */

import type { JSX } from "preact";
import { said, t } from "../i18n";
import { store } from "../store";
import { IconButton } from "../ui/controls";
import { CHANGE_TOKENS, COUNT_TOKENS, LEVEL_TOKENS, type Token } from "./colours";
import * as coverage from "./state";

export function CoverageKey(): JSX.Element | null {
  if (!coverage.shown.value || coverage.answer.value === null) return null;
  return (
    <aside class="overlay-key cover-key" aria-label={t("overlay.label")}>
      <header>
        <button
          type="button"
          class="ellipsis"
          onClick={() => {
            store.detailTab.value = "coverage";
            store.sheet.value = "details";
          }}
        >
          {t("coverage.title")}
        </button>
        <IconButton icon="close" label={t("overlay.close")} hint="Esc" onClick={() => coverage.close()} />
      </header>
      <ul>
        {rows().map(({ token, text, note }) => (
          <li key={text}>
            <i class="block" style={{ background: `var(--${token})` }} /> <span class="grow">{text}</span> <small class="num">{note}</small>
          </li>
        ))}
      </ul>
    </aside>
  );
}

function rows(): { token: Token; text: string; note: string }[] {
  const { by, answer, edition } = coverage;
  if (by.value === "count") return COUNT_TOKENS.map((token, k) => ({ token, text: k === 0 ? t("coverage.unseen") : t("coverage.n_cameras", { n: k === COUNT_TOKENS.length - 1 ? `≥ ${k}` : k }), note: "" }));
  if (by.value === "change") return CHANGE_TOKENS.map((token) => ({ token, text: t(`coverage.change_${token.slice("cover-".length)}` as "coverage.change_lost"), note: "" }));
  const levels = answer.value!.levels[edition.value] ?? [];
  return [
    { token: LEVEL_TOKENS[0] as Token, text: t("coverage.unseen"), note: "" },
    ...levels.map((level, k) => ({ token: LEVEL_TOKENS[Math.min(k + 1, LEVEL_TOKENS.length - 1)]! as Token, text: said(level.name), note: `≥ ${level.density_px_per_m} px/m` })),
  ];
}
