/** Flats that an answer names, as coloured volumes seen through the buildings. */

import * as THREE from "three";

export interface Volume {
  box: THREE.Box3;
  colour: THREE.Color;
}

const INSET_M = 0.12;

export class Volumes {
  readonly root = new THREE.Group();
  private readonly material = new THREE.MeshBasicMaterial({ transparent: true, opacity: 0.42, depthWrite: false });
  private readonly lines = new THREE.LineBasicMaterial({ transparent: true, opacity: 0.4 });
  private readonly cube = new THREE.BoxGeometry();
  private readonly frame = new THREE.EdgesGeometry(this.cube);

  /** Draw these, and no others. */
  set(volumes: readonly Volume[], ink: THREE.Color): void {
    this.clear();
    if (volumes.length === 0) return;
    const mesh = new THREE.InstancedMesh(this.cube, this.material, volumes.length);
    const matrix = new THREE.Matrix4();
    const [size, middle] = [new THREE.Vector3(), new THREE.Vector3()];
    const edges = this.frame.getAttribute("position").array as Float32Array;
    const corners = new Float32Array(edges.length * volumes.length);
    volumes.forEach(({ box, colour }, k) => {
      box.getSize(size).subScalar(INSET_M).clampScalar(0.2, 1e6);
      matrix.compose(box.getCenter(middle), new THREE.Quaternion(), size);
      mesh.setMatrixAt(k, matrix);
      mesh.setColorAt(k, colour);
      for (let at = 0; at < edges.length; at += 3) {
        const corner = new THREE.Vector3().fromArray(edges, at).applyMatrix4(matrix);
        corner.toArray(corners, k * edges.length + at);
      }
    });
    mesh.renderOrder = 4;
    mesh.frustumCulled = false;
    const lines = new THREE.LineSegments(new THREE.BufferGeometry().setAttribute("position", new THREE.BufferAttribute(corners, 3)), this.lines);
    lines.renderOrder = 5;
    lines.frustumCulled = false;
    this.lines.color.copy(ink);
    this.root.add(mesh, lines);
  }

  private clear(): void {
    for (const child of [...this.root.children]) {
      this.root.remove(child);
      if (child instanceof THREE.InstancedMesh) child.dispose();
      else (child as THREE.LineSegments).geometry.dispose();
    }
  }

  dispose(): void {
    this.clear();
    this.cube.dispose();
    this.frame.dispose();
    this.material.dispose();
    this.lines.dispose();
  }
}
