/** The meeting itself, in English: see test/support/browser/meeting-look.ts. */
import t from 'tap';
import { lookAtMeeting } from '../support/browser/meeting-look.js';

t.test('every state of the meeting, in English', (t) => lookAtMeeting(t, 'en'));
