/** Where north is, and how long a metre is on the map. */

import type { Map as GlMap } from "maplibre-gl";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n";
import { lengthText } from "../units";
import { roundLength_m } from "./scale";

const LONGEST_PX = 110;

interface Reading {
  bearing_deg: number;
  m_per_px: number;
}

function read(map: GlMap): Reading {
  const y = map.getContainer().clientHeight / 2;
  const length_m = map.unproject([0, y]).distanceTo(map.unproject([LONGEST_PX, y]));
  return { bearing_deg: map.getBearing(), m_per_px: length_m / LONGEST_PX };
}

export function Bearings({ map }: { map: GlMap }): JSX.Element {
  const [{ bearing_deg, m_per_px }, setReading] = useState(() => read(map));
  useEffect(() => {
    const refresh = (): void => setReading(read(map));
    map.on("move", refresh);
    map.on("resize", refresh);
    return () => {
      map.off("move", refresh);
      map.off("resize", refresh);
    };
  }, [map]);
  const length_m = roundLength_m(m_per_px * LONGEST_PX);
  return (
    <div class="map-bearings">
      <button type="button" aria-label={t("map.north")} title={t("map.north")} onClick={() => map.easeTo({ bearing: 0, pitch: 0 })}>
        <svg width="26" height="26" viewBox="0 0 26 26" aria-hidden="true" style={{ rotate: `${-bearing_deg}deg` }}>
          <path class="to" d="M13 3l5 11h-10z" />
          <path class="from" d="M13 23l5-9h-10z" />
        </svg>
        <span aria-hidden="true">N</span>
      </button>
      <div class="scale-bar" style={{ width: `${length_m / m_per_px}px` }} role="img" aria-label={t("map.scale", { length: lengthText(length_m) })}>
        {lengthText(length_m)}
      </div>
    </div>
  );
}
