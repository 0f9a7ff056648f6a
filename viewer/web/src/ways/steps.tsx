/** A way step by step under the storeys it leads through, or why there is none. */

import type { JSX } from "preact";
import { legs } from "../crew/way";
import { said, t } from "../i18n";
import { store } from "../store";
import type { Route } from "../types";
import { Icon } from "../ui/icons";
import { durationText, integer } from "../units";
import "./ways.css";

/** How far and how long. */
export function WaySum({ route }: { route: Route }): JSX.Element | null {
  if (route.refusal !== null) return null;
  return (
    <span class="count">
      {integer(route.length_m)} m · {durationText(route.duration_s)}
    </span>
  );
}

export function WaySteps({ route, onStorey }: { route: Route; onStorey?: (storey: string | null) => void }): JSX.Element {
  if (route.refusal !== null) {
    return (
      <p class="way-refused" role="status">
        <Icon name="warning" size={18} />
        <span>{said(route.refusal.text)}</span>
      </p>
    );
  }
  return (
    <div class="way">
      {legs(route.steps).map((leg) => {
        const head = (
          <>
            <Icon name={leg.storey === null ? "ground" : "storey"} size={16} />
            {placeName(leg.storey)}
          </>
        );
        return (
          <section key={leg.first}>
            <h4>{onStorey === undefined ? head : <button onClick={() => onStorey(leg.storey)}>{head}</button>}</h4>
            <ol start={leg.first}>
              {leg.steps.map((step, k) => (
                <li key={k}>
                  <i>{leg.first + k}</i>
                  <span>{said(step.text)}</span>
                </li>
              ))}
            </ol>
          </section>
        );
      })}
    </div>
  );
}

function placeName(storey: string | null): string {
  if (storey === null) return t("crew.outdoors");
  const index = store.index.value;
  const found = index?.storey.get(storey);
  const building = found === undefined ? undefined : index?.building.get(found.building);
  return [said(building?.name), said(found?.name) || storey].filter(Boolean).join(" · ");
}
