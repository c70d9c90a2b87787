import { type RtpParameters } from '../rtp/rtp-parameters.js';
import { type Producer } from './producer.js';

/**
 * Which producer of a transport a new SSRC belongs to: by what was signalled (SSRC) or by what the packet says of itself
 * (MID and RID header extensions, RFC 8843 section 9.2, RFC 8852). The SSRCs themselves are bound by RtpTransport.
 */
export class RtpListener {
  private readonly bySsrc = new Map<number, Producer>();
  private readonly byMid = new Map<string, Producer>();
  private readonly byRid = new Map<string, Producer>();

  /** @throws Error when an SSRC, MID or RID is taken by another producer of this transport */
  add(producer: Producer): void {
    const { ssrcs, mid, rids } = identities(producer.settings.rtpParameters);
    for (const ssrc of ssrcs) {
      if (this.bySsrc.has(ssrc)) throw new Error(`ssrc already exists in RTP listener [ssrc:${ssrc}]`);
    }
    if (mid !== undefined && this.byMid.has(mid))
      throw new Error(`MID already exists in RTP listener [mid:${mid}]`);
    // Without a MID only the RID tells streams apart, so it has to be unique in the transport.
    if (mid === undefined) {
      for (const rid of rids) {
        if (this.byRid.has(rid)) throw new Error(`RID already exists in RTP listener [rid:${rid}]`);
      }
    }
    for (const ssrc of ssrcs) this.bySsrc.set(ssrc, producer);
    if (mid !== undefined) this.byMid.set(mid, producer);
    else for (const rid of rids) this.byRid.set(rid, producer);
  }

  remove(producer: Producer): void {
    for (const table of [this.bySsrc, this.byMid, this.byRid] as Map<unknown, Producer>[]) {
      for (const [key, value] of table) if (value === producer) table.delete(key);
    }
  }

  /** @param mid and rid: empty when the packet has none */
  find(ssrc: number, mid: string, rid: string): Producer | undefined {
    return this.bySsrc.get(ssrc) ?? this.byMid.get(mid) ?? this.byRid.get(rid);
  }
}

function identities(parameters: RtpParameters): { ssrcs: number[]; mid: string | undefined; rids: string[] } {
  const ssrcs: number[] = [];
  const rids: string[] = [];
  for (const encoding of parameters.encodings ?? []) {
    if (encoding.ssrc !== undefined) ssrcs.push(encoding.ssrc);
    if (encoding.rtx !== undefined) ssrcs.push(encoding.rtx.ssrc);
    if (encoding.rid !== undefined) rids.push(encoding.rid);
  }
  return { ssrcs, mid: parameters.mid, rids };
}
