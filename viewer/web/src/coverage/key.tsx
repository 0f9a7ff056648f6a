/** The key of the coloured floors, and the way out. */

import type { JSX } from "preact";
import { coded, said, t } from "../i18n";
import { store } from "../store";
import { IconButton } from "../ui/controls";
import { CHANGE_TOKENS, COUNT_TOKENS, LEVEL_TOKENS, type Token } from "./colours";
import { quantity } from "./panel";
import * as coverage from "./state";
import type { Answer } from "./types";

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
          {answer().kind === "camera" ? t("coverage.title") : coded("coverage_kind", answer().kind)}
        </button>
        <IconButton icon="close" label={t("overlay.close")} hint="Esc" onClick={() => coverage.close()} />
      </header>
      <ul>
        {rows().map(({ token, text, note }) => (
          <li key={`${text} ${note}`}>
            <i class="block" style={{ background: `var(--${token})` }} /> <span class="grow">{text}</span> <small class="num">{note}</small>
          </li>
        ))}
      </ul>
    </aside>
  );
}

const answer = (): Answer => coverage.answer.value!;

function rows(): { token: Token; text: string; note: string }[] {
  const { by, edition } = coverage;
  if (by.value === "count") return COUNT_TOKENS.map((token, k) => ({ token, text: k === 0 ? t("coverage.unseen") : t("coverage.n_cameras", { n: k === COUNT_TOKENS.length - 1 ? `≥ ${k}` : k }), note: "" }));
  if (by.value === "change") return CHANGE_TOKENS.map((token) => ({ token, text: t(`coverage.change_${token.slice("cover-".length)}` as "coverage.change_lost"), note: "" }));
  const { scale } = answer();
  if (scale !== null) {
    const sign = scale.better === "more" ? "≥" : "≤";
    return [
      { token: LEVEL_TOKENS[0] as Token, text: t("coverage.beyond"), note: `${scale.better === "more" ? "<" : ">"} ${quantity(scale.steps[0]!, scale.unit)}` },
      ...scale.steps.map((step, k) => ({ token: LEVEL_TOKENS[Math.min(k + 1, LEVEL_TOKENS.length - 1)]! as Token, text: `${sign} ${quantity(step, scale.unit)}`, note: "" })),
    ];
  }
  const levels = answer().levels[edition.value] ?? [];
  return [
    { token: LEVEL_TOKENS[0] as Token, text: t("coverage.unseen"), note: "" },
    ...levels.map((level, k) => ({ token: LEVEL_TOKENS[Math.min(k + 1, LEVEL_TOKENS.length - 1)]! as Token, text: said(level.name), note: `≥ ${level.density_px_per_m} px/m` })),
  ];
}
