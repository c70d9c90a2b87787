import { type FrameInfo } from './frame-info.js';

/** FrameInfo as an object to fill again for each packet. Hot path: allocates nothing once made. */
export class FrameFacts implements FrameInfo {
  keyFrame = false;
  startOfFrame = true;
  endOfFrame = true;
  spatialLayer = 0;
  temporalLayer = 0;
  switchingPoint = true;
  interPicture = true;
  interLayer = false;
  notForUpper = false;
  pictureId = -1;
  tl0PicIdx = -1;

  /** What is to be said of a packet that tells nothing: an ordinary frame of the only layer, in one packet. */
  protected forget(): void {
    this.keyFrame = false;
    this.startOfFrame = true;
    this.endOfFrame = true;
    this.spatialLayer = 0;
    this.temporalLayer = 0;
    this.switchingPoint = true;
    this.interPicture = true;
    this.interLayer = false;
    this.notForUpper = false;
    this.pictureId = -1;
    this.tl0PicIdx = -1;
  }
}
