// The little of fragmented MP4 (ISO/IEC 14496-12) that playing needs.
import { readU32, SealError } from './crypto/bytes.ts';

/** The inside of the first box on a path such as `moof/traf/trun`. */
function find(bytes: Uint8Array, path: string): Uint8Array {
  let inside = bytes;
  for (const name of path.split('/')) {
    let at = 0;
    let found: Uint8Array | null = null;
    while (at + 8 <= inside.length) {
      const size = readU32(inside, at);
      const kind = String.fromCharCode(...inside.subarray(at + 4, at + 8));
      if (size < 8 || at + size > inside.length) break;
      if (kind === name) {
        found = inside.subarray(at + 8, at + size);
        break;
      }
      at += size;
    }
    if (!found) throw new SealError('malformed', `no ${path}`);
    inside = found;
  }
  return inside;
}

/** How many pictures a fragment holds. */
export function sampleCount(fragment: Uint8Array): number {
  return readU32(find(fragment, 'moof/traf/trun'), 4);
}
