/** The meeting itself, in Swedish: see test/support/browser/meeting-look.ts. */
import t from 'tap';
import { lookAtMeeting } from '../support/browser/meeting-look.js';

t.test('every state of the meeting, in Swedish', (t) => lookAtMeeting(t, 'sv'));
