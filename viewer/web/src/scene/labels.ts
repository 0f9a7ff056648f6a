/** Names over the view: of buildings, of what is selected, of alarms; never over each other. */

import * as THREE from "three";
import type { MarkTone } from "../overlay";
import "./labels.css";

export interface Label {
  key: string;
  text: string;
  point: THREE.Vector3;
  kind: "building" | "selected" | "critical" | "major" | "minor" | "info" | `mark-${MarkTone}`;
  /** The higher is kept where two meet. */
  rank: number;
}

const MARGIN_PX = 3;

export class Labels {
  private readonly layer = document.createElement("div");
  private readonly spans = new Map<string, HTMLSpanElement>();
  private labels: Label[] = [];

  constructor(host: HTMLElement) {
    this.layer.className = "scene-labels";
    this.layer.setAttribute("aria-hidden", "true"); // all of it is in the lists beside
    host.append(this.layer);
  }

  set(labels: Label[]): void {
    this.labels = [...labels].sort((a, b) => b.rank - a.rank);
    const keys = new Set(labels.map((l) => l.key));
    for (const [key, span] of this.spans) {
      if (keys.has(key)) continue;
      span.remove();
      this.spans.delete(key);
    }
    for (const label of this.labels) {
      let span = this.spans.get(label.key);
      if (span === undefined) {
        this.spans.set(label.key, (span = document.createElement("span")));
        this.layer.append(span);
      }
      span.className = `scene-label ${label.kind}`;
      if (span.textContent !== label.text) span.textContent = label.text;
    }
  }

  /** Move the names to where their points are now. */
  place(camera: THREE.Camera, width: number, height: number): void {
    const taken: [number, number, number, number][] = [];
    const point = new THREE.Vector3();
    for (const label of this.labels) {
      const span = this.spans.get(label.key)!;
      point.copy(label.point).project(camera);
      const x = Math.round(((point.x + 1) / 2) * width);
      const y = Math.round(((1 - point.y) / 2) * height);
      const half = approximate_px(label.text) / 2 + MARGIN_PX;
      const rectangle: [number, number, number, number] = [x - half, y - 32, x + half, y - 8];
      const outside = point.z > 1 || x < 0 || x > width || y < 24 || y > height;
      const covered = outside || taken.some((t) => rectangle[0] < t[2] && rectangle[2] > t[0] && rectangle[1] < t[3] && rectangle[3] > t[1]);
      span.hidden = covered;
      if (covered) continue;
      taken.push(rectangle);
      span.style.transform = `translate(${x}px, ${y - 9}px) translate(-50%, -100%)`;
    }
  }

  /** The names that show, with the middle of each. [CSS px] */
  shown(): { text: string; kind: string; x: number; y: number }[] {
    const layer = this.layer.getBoundingClientRect();
    return this.labels.flatMap((label) => {
      const span = this.spans.get(label.key)!;
      if (span.hidden) return [];
      const box = span.getBoundingClientRect();
      return [{ text: label.text, kind: label.kind, x: box.left - layer.left + box.width / 2, y: box.top - layer.top + box.height / 2 }];
    });
  }

  dispose(): void {
    this.layer.remove();
  }
}

/** Width of a short text without asking the layout: Chinese characters are as wide as high. */
function approximate_px(text: string): number {
  let width = 18;
  for (const character of text) width += character.charCodeAt(0) > 0x2e80 ? 12 : 6.6;
  return Math.min(width, 196);
}
