/** How many are still inside, over time; a press on it goes to that moment. */

import type { JSX } from "preact";
import { t } from "../i18n";
import { integer } from "../units";
import * as evacuation from "./state";
import { clock } from "./times";
import type { Evacuation } from "./types";

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [316, 96, 34, 8, 8, 18];

export function Course({ answer }: { answer: Evacuation }): JSX.Element {
  const { times_s } = answer.timeline;
  const all = answer.persons;
  const end_s = Math.max(evacuation.end_s.value, 1);
  const left = answer.timeline.out.map((out) => Math.max(0, all - out));
  const x = (time_s: number): number => LEFT + (time_s / end_s) * (WIDTH - LEFT - RIGHT);
  const y = (many: number): number => HEIGHT - BOTTOM - (many / Math.max(all, 1)) * (HEIGHT - TOP - BOTTOM);
  const line = times_s.map((time_s, k) => `${x(time_s).toFixed(1)},${y(left[k]!).toFixed(1)}`).join(" ");
  const at = evacuation.at_s.value;
  const many = evacuation.now(left, times_s, at);
  const seek = (event: MouseEvent & { currentTarget: SVGSVGElement }): void => {
    const frame = event.currentTarget.getBoundingClientRect();
    const across = (((event.clientX - frame.left) / frame.width) * WIDTH - LEFT) / (WIDTH - LEFT - RIGHT);
    evacuation.at_s.value = Math.min(1, Math.max(0, across)) * end_s;
  };
  return (
    <svg class="course" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={t("evacuation.course", { n: integer(Math.round(many)), at: clock(at) })} onClick={seek as (event: MouseEvent) => void}>
      <polyline class="area" points={`${x(0)},${y(0)} ${line} ${x(end_s)},${y(0)}`} />
      <polyline class="line" points={line} />
      {[0, 0.5, 1].map((part) => (
        <g key={part}>
          <line class="grid" x1={LEFT} x2={WIDTH - RIGHT} y1={y(all * part)} y2={y(all * part)} />
          <text class="tick" x={LEFT - 5} y={y(all * part) + 3} text-anchor="end">
            {integer(Math.round(all * part))}
          </text>
        </g>
      ))}
      {[0, 0.25, 0.5, 0.75, 1].map((part) => (
        <text key={part} class="tick" x={x(end_s * part)} y={HEIGHT - 5} text-anchor={part === 0 ? "start" : part === 1 ? "end" : "middle"}>
          {clock(end_s * part)}
        </text>
      ))}
      <line class="now" x1={x(at)} x2={x(at)} y1={TOP} y2={HEIGHT - BOTTOM} />
      <circle class="now" cx={x(at)} cy={y(many)} r={4} />
    </svg>
  );
}
