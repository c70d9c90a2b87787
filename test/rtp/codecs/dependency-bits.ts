/**
 * Writes dependency descriptors for tests, from the syntax tables of the AV1 RTP specification (A.8.2).
 * Written apart from the reader, with strings of '0' and '1', so that both cannot share a mistake.
 */

export interface TemplateSpec {
  spatial: number;
  temporal: number;
  /** One of `-DSR` for each decode target. */
  dtis: string;
  fdiffs: number[];
  chains: number[];
}

export interface StructureSpec {
  idOffset: number;
  protectedBy: number[];
  templates: TemplateSpec[];
  resolutions?: [number, number][];
}

export interface FrameSpec {
  start?: boolean;
  end?: boolean;
  templateId: number;
  frameNumber: number;
  structure?: StructureSpec;
  /** Bitmask and the number of its bits. */
  active?: [number, number];
  dtis?: string;
  fdiffs?: number[];
  chains?: number[];
}

const f = (bits: number, value: number) => (bits === 0 ? '' : value.toString(2).padStart(bits, '0'));

function ns(range: number, value: number): string {
  const width = range.toString(2).length;
  const short = 2 ** width - range;
  return value < short ? f(width - 1, value) : f(width, value + short);
}

const dtiBits = (dtis: string) => [...dtis].map((dti) => f(2, '-DSR'.indexOf(dti))).join('');

export function structureBits(spec: StructureSpec): string {
  const { templates, protectedBy } = spec;
  const targets = templates[0].dtis.length;
  const chainCount = templates[0].chains.length;
  const layers = templates.map((template, i) => {
    const next = templates.at(i + 1);
    if (next === undefined) return f(2, 3);
    if (next.spatial !== template.spatial) return f(2, 2);
    return f(2, next.temporal - template.temporal);
  });
  const fdiffs = templates.map((one) => one.fdiffs.map((diff) => '1' + f(4, diff - 1)).join('') + '0');
  const chains =
    ns(targets + 1, chainCount) +
    (chainCount === 0 ? '' : protectedBy.map((chain) => ns(chainCount, chain)).join('')) +
    templates.map((one) => one.chains.map((diff) => f(4, diff)).join('')).join('');
  const sizes = spec.resolutions?.map(([width, height]) => f(16, width - 1) + f(16, height - 1));
  return (
    f(6, spec.idOffset) +
    f(5, targets - 1) +
    layers.join('') +
    templates.map((one) => dtiBits(one.dtis)).join('') +
    fdiffs.join('') +
    chains +
    (sizes ? '1' + sizes.join('') : '0')
  );
}

export function descriptorBytes(frame: FrameSpec): Uint8Array {
  let bits =
    (frame.start === false ? '0' : '1') +
    (frame.end === false ? '0' : '1') +
    f(6, frame.templateId) +
    f(16, frame.frameNumber);
  const flags = [frame.structure, frame.active, frame.dtis, frame.fdiffs, frame.chains];
  if (flags.some((flag) => flag !== undefined)) {
    bits += flags.map((flag) => (flag === undefined ? '0' : '1')).join('');
    if (frame.structure) bits += structureBits(frame.structure);
    if (frame.active) bits += f(frame.active[1], frame.active[0]);
    if (frame.dtis !== undefined) bits += dtiBits(frame.dtis);
    if (frame.fdiffs) {
      for (const diff of frame.fdiffs) {
        const size = diff <= 16 ? 1 : diff <= 256 ? 2 : 3;
        bits += f(2, size) + f(4 * size, diff - 1);
      }
      bits += '00';
    }
    if (frame.chains) bits += frame.chains.map((diff) => f(8, diff)).join('');
  }
  return bytesFromBits(bits);
}

export function bytesFromBits(bits: string): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  for (let i = 0; i < bits.length; i++) if (bits[i] === '1') bytes[i >> 3] |= 0x80 >> (i & 7);
  return bytes;
}

/** A.10.2.1 of the specification. Decode targets: 30, 15 and 7.5 frames per second. */
export const L1T3: StructureSpec = {
  idOffset: 1,
  protectedBy: [0, 0, 0],
  templates: [
    { spatial: 0, temporal: 0, dtis: 'SSS', fdiffs: [], chains: [0] },
    { spatial: 0, temporal: 0, dtis: 'SSS', fdiffs: [4], chains: [4] },
    { spatial: 0, temporal: 1, dtis: 'SD-', fdiffs: [2], chains: [2] },
    { spatial: 0, temporal: 2, dtis: 'D--', fdiffs: [1], chains: [1] },
    { spatial: 0, temporal: 2, dtis: 'D--', fdiffs: [1], chains: [3] },
  ],
};

/** A.10.2.2, as far as a key picture, a base picture and the first T1 and T2 pictures go. */
export const L3T3: StructureSpec = {
  idOffset: 60,
  protectedBy: [2, 2, 2, 1, 1, 1, 0, 0, 0],
  templates: [
    { spatial: 0, temporal: 0, dtis: 'SSSSSSSSS', fdiffs: [], chains: [0, 0, 0] },
    { spatial: 0, temporal: 0, dtis: 'RRRRRRSSS', fdiffs: [12], chains: [12, 11, 10] },
    { spatial: 0, temporal: 1, dtis: 'RR-RR-SD-', fdiffs: [6], chains: [6, 5, 4] },
    { spatial: 0, temporal: 2, dtis: 'R--R--D--', fdiffs: [3], chains: [3, 2, 1] },
    { spatial: 1, temporal: 0, dtis: 'SSSSSS---', fdiffs: [1], chains: [1, 1, 1] },
    { spatial: 1, temporal: 0, dtis: 'RRRSSS---', fdiffs: [12, 1], chains: [1, 1, 1] },
    { spatial: 1, temporal: 1, dtis: 'RR-SD----', fdiffs: [6, 1], chains: [7, 6, 5] },
    { spatial: 1, temporal: 2, dtis: 'R--D-----', fdiffs: [3, 1], chains: [4, 3, 2] },
    { spatial: 2, temporal: 0, dtis: 'SSS------', fdiffs: [1], chains: [2, 1, 1] },
    { spatial: 2, temporal: 0, dtis: 'SSS------', fdiffs: [12, 1], chains: [2, 1, 1] },
    { spatial: 2, temporal: 1, dtis: 'SD-------', fdiffs: [6, 1], chains: [8, 7, 6] },
    { spatial: 2, temporal: 2, dtis: 'D--------', fdiffs: [3, 1], chains: [5, 4, 3] },
  ],
  resolutions: [
    [320, 180],
    [640, 360],
    [65536, 720],
  ],
};
