/**
 * What one packet says of its frame, in the words that all codecs share: filled by a `PayloadInspector` from the clear
 * codec bytes, or from the dependency descriptor when the packet carries one.
 */
export interface FrameInfo {
  /** True in the first packet of a key frame (VP9 and AV1 SVC: of its lowest spatial layer). */
  keyFrame: boolean;
  /** The packet is the first, or the last, of a frame of its spatial layer; best knowledge of the codec. */
  startOfFrame: boolean;
  endOfFrame: boolean;
  /** 0 when the packet does not tell. */
  spatialLayer: number;
  /** 0 when the packet does not tell. */
  temporalLayer: number;
  /**
   * A receiver of lower temporal layers may take this frame's from here on: nothing after it refers to an earlier frame of
   * those layers (VP8 Y, VP9 U, a Switch indication). Always true for temporal layer 0.
   */
  switchingPoint: boolean;
  /** Predicted from an earlier picture (VP9 P); true when the packet does not tell. */
  interPicture: boolean;
  /** Predicted from a lower spatial layer of the same picture (VP9 D). */
  interLayer: boolean;
  /** No higher spatial layer refers to this frame (VP9 Z). */
  notForUpper: boolean;
  /** VP8 and VP9 PictureID, -1 when absent. */
  pictureId: number;
  /** VP8 and VP9 TL0PICIDX, -1 when absent. */
  tl0PicIdx: number;
}
