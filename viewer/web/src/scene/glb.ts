/** Reads the scene file of docs/api.md: our own small part of binary glTF, and nothing else of it. */

export interface Geometry {
  positions: Float32Array;
  /** Linear RGB and what the vertex belongs to, four bytes a vertex. */
  colours: Uint8Array;
  objects: Float32Array;
  indices: Uint16Array | Uint32Array;
  lines: boolean;
}
export interface Placings {
  count: number;
  places: Float32Array;
  objects: Float32Array;
  turns: Float32Array | null;
  sizes: Float32Array | null;
}
export interface Part {
  name: string;
  role: string;
  extras: Readonly<Record<string, unknown>>;
  geometry: Geometry;
  /** Null where the part stands once, in the scene's own frame. */
  placings: Placings | null;
}
export interface ObjectColumns {
  types: string[];
  type: number[];
  id: string[];
  parent: number[];
}
export interface SceneFile {
  parts: Part[];
  objects: ObjectColumns;
}

export class SceneFileError extends Error {}

interface Document {
  asset: { extras?: { format?: number; objects?: ObjectColumns } };
  nodes?: {
    name: string;
    mesh: number;
    extras: { role: string } & Record<string, unknown>;
    extensions?: { EXT_mesh_gpu_instancing?: { attributes: Record<string, number> } };
  }[];
  meshes?: { primitives: { attributes: Record<string, number>; indices: number; mode: number }[] }[];
  accessors?: { bufferView: number; componentType: number; count: number; type: string }[];
  bufferViews?: { byteOffset: number }[];
}

const MAGIC = 0x46546c67;
const FORMAT = 1;
const LINES = 1;
const WIDTH: Record<string, number> = { SCALAR: 1, VEC3: 3, VEC4: 4 };

/** The parts and objects in a file; throws SceneFileError when it is not one of ours. */
export function readScene(buffer: ArrayBuffer): SceneFile {
  const header = new DataView(buffer);
  if (buffer.byteLength < 28 || header.getUint32(0, true) !== MAGIC) {
    throw new SceneFileError("the scene is not a binary glTF file");
  }
  const jsonLength = header.getUint32(12, true);
  const document = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 20, jsonLength))) as Document;
  const { format, objects } = document.asset.extras ?? {};
  if (format !== FORMAT || objects === undefined) {
    throw new SceneFileError(`scene of format ${format}: this page reads format ${FORMAT}`);
  }
  const read = reader(document, buffer, 20 + jsonLength + 8);
  const parts = (document.nodes ?? []).map((node): Part => {
    const primitive = document.meshes![node.mesh]!.primitives[0]!;
    const attributes = node.extensions?.EXT_mesh_gpu_instancing?.attributes;
    return {
      name: node.name,
      role: node.extras.role,
      extras: node.extras,
      geometry: {
        positions: read(primitive.attributes.POSITION!) as Float32Array,
        colours: read(primitive.attributes.COLOR_0!) as Uint8Array,
        objects: read(primitive.attributes._OBJECT!) as Float32Array,
        indices: read(primitive.indices) as Uint16Array | Uint32Array,
        lines: primitive.mode === LINES,
      },
      placings: attributes === undefined ? null : placings(attributes, read),
    };
  });
  return { parts, objects };
}

type Read = (accessor: number) => Float32Array | Uint8Array | Uint16Array | Uint32Array;

function reader(document: Document, buffer: ArrayBuffer, start: number): Read {
  return (number) => {
    const accessor = document.accessors![number]!;
    const at = start + document.bufferViews![accessor.bufferView]!.byteOffset;
    const length = accessor.count * WIDTH[accessor.type]!;
    switch (accessor.componentType) {
      case 5121:
        return new Uint8Array(buffer, at, length);
      case 5123:
        return new Uint16Array(buffer, at, length);
      case 5125:
        return new Uint32Array(buffer, at, length);
      case 5126:
        return new Float32Array(buffer, at, length);
      default:
        throw new SceneFileError(`component type ${accessor.componentType} is none that this page reads`);
    }
  };
}

function placings(attributes: Record<string, number>, read: Read): Placings {
  const floats = (name: string): Float32Array | null =>
    attributes[name] === undefined ? null : (read(attributes[name]) as Float32Array);
  const places = floats("TRANSLATION")!;
  return {
    count: places.length / 3,
    places,
    objects: floats("_OBJECT")!,
    turns: floats("ROTATION"),
    sizes: floats("SCALE"),
  };
}
