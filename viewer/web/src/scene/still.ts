/** The view as a picture for paper: what is drawn, on its sky, with the names that stand over it. */

import type * as THREE from "three";
import type { Labels } from "./labels";

const FONT_PX = 11;
const QUALITY = 0.92;

/** A data address of the picture; call right after drawing, while the canvas still holds it. */
export function still(canvas: HTMLCanvasElement, labels: Labels, [top, bottom]: [THREE.Color, THREE.Color]): string {
  const sheet = document.createElement("canvas");
  sheet.width = canvas.width;
  sheet.height = canvas.height;
  const pen = sheet.getContext("2d");
  if (pen === null) return "";
  const sky = pen.createLinearGradient(0, 0, 0, sheet.height);
  sky.addColorStop(0, top.getStyle());
  sky.addColorStop(1, bottom.getStyle());
  pen.fillStyle = sky;
  pen.fillRect(0, 0, sheet.width, sheet.height);
  pen.drawImage(canvas, 0, 0);
  const scale = canvas.width / Math.max(1, canvas.clientWidth);
  pen.scale(scale, scale);
  pen.font = `600 ${FONT_PX}px sans-serif`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  for (const { text, kind, x, y } of labels.shown()) {
    const half = pen.measureText(text).width / 2 + 6;
    const strong = kind.startsWith("mark-");
    pen.fillStyle = strong ? "#131a20" : "#ffffff";
    pen.strokeStyle = strong ? "#ffffff" : "#c6ced5";
    pen.beginPath();
    pen.roundRect(x - half, y - 9, half * 2, 18, strong ? 9 : 4);
    pen.fill();
    pen.stroke();
    pen.fillStyle = strong ? "#ffffff" : "#131a20";
    pen.fillText(text, x, y + 0.5);
  }
  return sheet.toDataURL("image/jpeg", QUALITY);
}
