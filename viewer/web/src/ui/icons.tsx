/** Line icons on a 20-pixel grid, drawn for this program. */

import type { JSX } from "preact";

const PATHS = {
  search: "M8.5 3.5a5 5 0 1 0 0 10a5 5 0 0 0 0-10M12.3 12.3l4.2 4.2",
  cube: "M10 2.8l6.2 3.5v7.4L10 17.2l-6.2-3.5V6.3zM3.8 6.3L10 9.8l6.2-3.5M10 9.8v7.4",
  map: "M3 5l4.7-1.8 4.6 1.8L17 3.3v11.7l-4.7 1.8-4.6-1.8L3 16.7zM7.7 3.2v11.8M12.3 5v11.8",
  person: "M10 3.5a3 3 0 1 0 0 6a3 3 0 0 0 0-6M4 16.5c.6-3 3-4.5 6-4.5s5.4 1.5 6 4.5",
  people: "M7 4a2.2 2.2 0 1 0 0 4.4a2.2 2.2 0 0 0 0-4.4M13.5 5a1.8 1.8 0 1 0 0 3.6a1.8 1.8 0 0 0 0-3.6M2.5 16c.3-3 2-4.8 4.5-4.8s4.2 1.8 4.5 4.8M13.5 11c2.2 0 3.7 1.5 4 4",
  sun: "M10 6.5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 0 0 0-7M10 2v1.8M10 16.2V18M2 10h1.8M16.2 10H18M4.3 4.3l1.3 1.3M14.4 14.4l1.3 1.3M15.7 4.3l-1.3 1.3M5.6 14.4l-1.3 1.3",
  moon: "M15.8 12.3A6.5 6.5 0 0 1 7.7 4.2a6.5 6.5 0 1 0 8.1 8.1z",
  help: "M7.5 7.6a2.5 2.5 0 1 1 3.7 2.2c-.8.5-1.2.9-1.2 1.9M10 14.3v.1",
  close: "M5 5l10 10M15 5L5 15",
  check: "M4 10.5l4 4 8-9",
  chevron_right: "M7.5 4.5L13 10l-5.5 5.5",
  chevron_down: "M4.5 7.5L10 13l5.5-5.5",
  plus: "M10 4v12M4 10h12",
  minus: "M4 10h12",
  home: "M3.5 9.5L10 4l6.5 5.5M5.5 8.5v7.5h9V8.5M8.5 16v-4h3v4",
  building: "M4.5 17V4.5L11 3v14M11 7.5l4.5 1V17M3 17h14M7 7h1.5M7 10h1.5M7 13h1.5",
  storey: "M10 3.5l7 3.5-7 3.5L3 7zM3 10.5l7 3.5 7-3.5M3 13.8l7 3.5 7-3.5",
  space: "M3.5 3.5h13v13h-13zM3.5 10h5M11.5 10h5M10 3.5v3M10 16.5V10",
  device: "M6 6h8v8H6zM8 3v3M12 3v3M8 14v3M12 14v3M3 8h3M3 12h3M14 8h3M14 12h3",
  pipe: "M3 5v5h4V5zM13 10v5h4v-5zM7 7.5h5v5h1M12 7.5v5",
  node: "M10 7a3 3 0 1 0 0 6a3 3 0 0 0 0-6M2.5 10H7M13 10h4.5",
  ground: "M10 17v-5M10 12c-3.5 0-5-2-5-4.5S7 3 10 3s5 2 5 4.5-1.5 4.5-5 4.5zM4 17h12",
  layers: "M10 3l7 4-7 4-7-4zM3 11l7 4 7-4",
  list: "M7 5.5h10M7 10h10M7 14.5h10M3.5 5.5h.1M3.5 10h.1M3.5 14.5h.1",
  bell: "M5 13.5V9a5 5 0 0 1 10 0v4.5l1.5 1.5h-13zM8.5 17.2a2 2 0 0 0 3 0",
  order: "M5 4h10v13H5zM7.5 2.8h5v2.5h-5zM7.5 9h5M7.5 12.5h5",
  pulse: "M2.5 10.5h3.2l2-6 3.6 11 2.3-7 1.3 2h2.6",
  orbit: "M10 7.5a2.5 2.5 0 1 0 0 5a2.5 2.5 0 0 0 0-5M2.5 10c0-2 3.4-3.5 7.5-3.5s7.5 1.5 7.5 3.5-3.4 3.5-7.5 3.5S2.5 12 2.5 10z",
  walk: "M11 2.8a1.4 1.4 0 1 0 .1 0M10.5 6.5L9 11l2.5 2.5.7 4M9 11l-1.3 3.2L5.5 17M10.5 6.5L7.5 8l-1 2.5M10.5 6.5l1.8 3 2.5.8",
  xray: "M3.5 3.5h3M13.5 3.5h3v3M16.5 13.5v3h-3M6.5 16.5h-3v-3M3.5 6.5v-3M7 7h6v6H7z",
  section: "M3 14.5L10 18l7-3.5M3 5.5L10 2l7 3.5L10 9zM2 10.8h16",
  isolate: "M7 7h6v6H7zM3 6.5V3h3.5M13.5 3H17v3.5M17 13.5V17h-3.5M6.5 17H3v-3.5",
  top: "M4 4h12v12H4zM4 10h12M10 4v12",
  undo: "M7.5 4L4 7.5L7.5 11M4.5 7.5h7a4.3 4.3 0 0 1 0 8.6H8",
  redo: "M12.5 4L16 7.5L12.5 11M15.5 7.5h-7a4.3 4.3 0 0 0 0 8.6H12",
  reset: "M4.5 8A6 6 0 1 1 4 11.5M4 4v4.2h4.2",
  fly: "M17 3L9 11M17 3l-5 14-3-6-6-3z",
  flip: "M10 3v14M7 6L3.5 14H7zM13 6l3.5 8H13z",
  play: "M6 4l10 6-10 6z",
  pause: "M7 4.5v11M13 4.5v11",
  stop: "M5.5 5.5h9v9h-9z",
  clock: "M10 3a7 7 0 1 0 0 14a7 7 0 0 0 0-14M10 6v4.2l2.8 1.8",
  chart: "M3.5 3.5v13h13M6.5 13l3-4 2.5 2.5 4-6",
  link: "M8.5 11.5l3-3M7 9L5 11a2.8 2.8 0 0 0 4 4l2-2M13 11l2-2a2.8 2.8 0 0 0-4-4L9 7",
  unlink: "M7 9L5 11a2.8 2.8 0 0 0 4 4l2-2M13 11l2-2a2.8 2.8 0 0 0-4-4L9 7M4 4l12 12",
  pin: "M10 17.5c-3.5-4-5.2-6.5-5.2-9a5.2 5.2 0 0 1 10.4 0c0 2.5-1.7 5-5.2 9zM10 6.7a1.8 1.8 0 1 0 0 3.6a1.8 1.8 0 0 0 0-3.6",
  back: "M16 10H4.5M9 5l-5 5 5 5",
  flame: "M10 17.5c-3.2 0-5-2-5-4.7 0-3.6 3.3-4.8 3.5-9.3 2.7 1.2 4 3.5 3.8 5.8.8-.3 1.3-1 1.5-1.8.8 1.2 1.2 2.8 1.2 4.6 0 3.2-1.8 5.4-5 5.4z",
  warning: "M10 3l7.5 13.5h-15zM10 8v4M10 14.3v.1",
  octagon: "M7 3h6l4 4v6l-4 4H7l-4-4V7zM10 6.5v4.5M10 13.6v.1",
  diamond: "M10 2.5l7.5 7.5-7.5 7.5L2.5 10zM10 7v3.5M10 13v.1",
  circle_info: "M10 3a7 7 0 1 0 0 14a7 7 0 0 0 0-14M10 9.3v4M10 6.6v.1",
  snooze: "M6 6h8l-8 8h8",
  menu: "M3.5 6h13M3.5 10h13M3.5 14h13",
  drop: "M10 2.8c3 3.8 4.8 6.2 4.8 8.9a4.8 4.8 0 0 1-9.6 0c0-2.7 1.8-5.1 4.8-8.9z",
  up: "M10 16V4.5M5 9.5l5-5 5 5",
  valve: "M3 8v8l7-4 7 4V8l-7 4zM10 12V5M6.5 5h7",
  heat: "M3 15.5h14M4.5 12.5v3M8 9v6.5M11.5 5v10.5M15 10.5v5",
  wrench: "M16.2 6.2a4 4 0 0 1-5.4 4.7l-5.3 5.3-1.7-1.7 5.3-5.3a4 4 0 0 1 4.7-5.4l-2.3 2.3 2.4 2.4z",
  print: "M6 7V3.5h8V7M6 13.5H3.5V7h13v6.5H14M6 11.5h8v5H6z",
  upstream: "M3.5 10h13M8 5.5L3.5 10 8 14.5M16.5 6v8",
  downstream: "M3.5 10h13M12 5.5l4.5 4.5-4.5 4.5M3.5 6v8",
  connected: "M5 5.5a1.5 1.5 0 1 0 .1 0M15 5.5a1.5 1.5 0 1 0 .1 0M10 13a1.5 1.5 0 1 0 .1 0M6.5 7h7M5.8 8.2l3.4 5.1M14.2 8.2l-3.4 5.1",
  camera: "M2.5 8.2l11-4 1.6 4.4-11 4zM6 12l-1 4.5M3 16.5h4M15.6 6.4l2.4.9",
  filter: "M3 4.5h14l-5.5 6.5v5l-3 1.5v-6.5z",
} as const;

export type IconName = keyof typeof PATHS;

/** An icon; decoration beside words, so hidden from screen readers. */
export function Icon({ name, size = 18, class: extra = "" }: { name: IconName; size?: number; class?: string }): JSX.Element {
  return (
    <svg class={`icon ${extra}`} width={size} height={size} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The mark of the program: a plumb line with its bob. */
export function Mark(): JSX.Element {
  return (
    <svg class="mark" width="22" height="22" viewBox="0 0 22 22" aria-hidden="true">
      <path d="M4 2.5h14M11 2.5v7" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" />
      <path d="M7.2 9.5h7.6l-1 5L11 20l-2.8-5.5z" fill="currentColor" />
    </svg>
  );
}
