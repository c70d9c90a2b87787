import type { Texts } from '../texts.js';
import { meeting } from '../../../meeting/texts/en.js';
import { admin } from './admin.js';
import { booking } from './booking.js';
import { common } from './common.js';
import { devices } from './devices.js';
import { failures } from './failures.js';
import { identify } from './identify.js';
import { info } from './info.js';
import { lobby } from './lobby.js';
import { portal } from './portal.js';
import { visit } from './visit.js';

export const en: Texts = {
  language: 'en',
  admin,
  booking,
  common,
  devices,
  failures,
  identify,
  info,
  lobby,
  meeting,
  portal,
  visit,
};
