// Hot path: record() runs once per audio packet. It allocates nothing.
/**
 * How likely it is that one producer is speaking: the three activity scores of I. Volfin and I. Cohen, "Dominant
 * Speaker Identification for Multipoint Videoconferencing" (2013), from audio levels alone as Jitsi first did it.
 */

/** Immediate time is cut into the frames of the paper. */
const SLOT_MS = 20;
/** A medium stretch is 100 ms, the long one is a second. */
const SLOTS_PER_MEDIUM = 5;
const MEDIUMS = 10;
const SLOTS = SLOTS_PER_MEDIUM * MEDIUMS;
/** Bridges 60 ms packets and ordinary jitter; a longer gap is silence, as discontinuous transmission makes it. */
const BRIDGED_SLOTS = 5;

/** -dBov has 128 steps; they are told apart in 13, the sub-bands of the paper. */
const LOUDEST = 127;
const STEPS = 13;
const STEP = 10;
/** A slot is loud from step 8 on, -47 dBov. */
const LOUD_STEP = 8;
/** A medium stretch is speech when every slot of it is loud. */
const SPEECH_SLOTS = 5;

/** The noise floor is the least level of one to two such stretches: a fan is unheard after 15 s at the latest. */
const FLOOR_WINDOW_MS = 7500;

/** A score is never lower, so that ratios of scores exist. */
export const MIN_ACTIVITY_SCORE = 1e-10;

const immediateScores = activityScores(STEPS, 0.78);
const mediumScores = activityScores(SLOTS_PER_MEDIUM, 24);
const longScores = activityScores(MEDIUMS, 47);

export class SpeechActivity {
  /** Of the present 20 ms, the last 100 ms and the last second; as of the last evaluate(). */
  immediate = MIN_ACTIVITY_SCORE;
  medium = MIN_ACTIVITY_SCORE;
  long = MIN_ACTIVITY_SCORE;

  /** Loudness by slot number modulo SLOTS, up to `newest`. */
  private readonly slots = new Uint8Array(SLOTS);
  private newest = -1;
  private floorSince = 0;
  private floor = LOUDEST;
  private formerFloor = LOUDEST;

  /** @param level -dBov: 0 is loudest, 127 is silence */
  record(now: number, level: number): void {
    const loudness = LOUDEST - level;
    const slot = Math.floor(now / SLOT_MS);
    if (slot > this.newest) {
      const bridged = slot - this.newest <= BRIDGED_SLOTS;
      for (let at = Math.max(this.newest + 1, slot - SLOTS + 1); at < slot; at++) {
        this.slots[at % SLOTS] = bridged ? loudness : 0;
      }
      this.slots[slot % SLOTS] = loudness;
      this.newest = slot;
    } else if (loudness > this.slots[this.newest % SLOTS]) {
      this.slots[this.newest % SLOTS] = loudness;
    }
    this.followFloor(now, loudness);
  }

  evaluate(now: number): void {
    const slot = Math.floor(now / SLOT_MS);
    const floor = Math.min(this.floor, this.formerFloor);
    let newestMedium = 0;
    let speech = 0;
    for (let medium = 0; medium < MEDIUMS; medium++) {
      let loud = 0;
      for (let index = 0; index < SLOTS_PER_MEDIUM; index++) {
        const at = slot - medium * SLOTS_PER_MEDIUM - index;
        if (stepOf(this.loudnessAt(at, slot), floor) >= LOUD_STEP) loud += 1;
      }
      if (medium === 0) newestMedium = loud;
      if (loud >= SPEECH_SLOTS) speech += 1;
    }
    this.immediate = immediateScores[stepOf(this.loudnessAt(slot, slot), floor)];
    this.medium = mediumScores[newestMedium];
    this.long = longScores[speech];
  }

  /** Forgets everything. */
  reset(): void {
    this.newest = -1;
    this.slots.fill(0);
    this.floor = this.formerFloor = LOUDEST;
    this.floorSince = 0;
    this.immediate = this.medium = this.long = MIN_ACTIVITY_SCORE;
  }

  private loudnessAt(slot: number, present: number): number {
    if (this.newest < 0 || slot <= this.newest - SLOTS) return 0;
    if (slot <= this.newest) return this.slots[slot % SLOTS];
    return present - this.newest <= BRIDGED_SLOTS ? this.slots[this.newest % SLOTS] : 0;
  }

  /** Digital silence is a muted microphone and tells nothing about the noise around it. */
  private followFloor(now: number, loudness: number): void {
    if (now - this.floorSince >= FLOOR_WINDOW_MS) {
      this.formerFloor = this.floor;
      this.floor = LOUDEST;
      this.floorSince = now;
    }
    if (loudness > 0 && loudness < this.floor) this.floor = loudness;
  }
}

/** 0 for what does not stand out from the noise. */
function stepOf(loudness: number, floor: number): number {
  return loudness < floor + STEP ? 0 : Math.floor(loudness / STEP);
}

/**
 * By the number of active parts out of `parts`: the log-likelihood ratio of speech (each part active with a chance of
 * one half) to noise (the number of active parts falls off exponentially with `decay`).
 */
function activityScores(parts: number, decay: number): Float64Array {
  const scores = new Float64Array(parts + 1);
  let choices = 1;
  for (let active = 0; active <= parts; active++) {
    const speech = Math.log(choices) + parts * Math.log(0.5);
    const noise = Math.log(decay) - decay * active;
    scores[active] = Math.max(MIN_ACTIVITY_SCORE, speech - noise);
    choices = (choices * (parts - active)) / (active + 1);
  }
  return scores;
}
