import type { Texts } from '../texts.js';

export const failures: Texts['failures'] = {
  unknown: 'Something went wrong on our side. Try again in a while.',
  byCode: {
    offline: 'The server does not answer. Check your internet connection and try again.',
    timeout: 'The server answers too slowly. Try again in a while.',
    'bad-answer':
      'The server answered something that this page does not understand. Reload the page and try again.',
    'not-signed-in': 'You are no longer signed in. Sign in again.',
    forbidden: 'You are not allowed to do this.',
    'not-found': 'What you are looking for does not exist, or has been removed.',
    gone: 'The link is no longer valid. Ask the person who invited you for a new one.',
    'rate-limited': 'There were too many attempts in a short time. Wait a minute and try again.',
    internal: 'Something went wrong on our side. Try again in a while.',
    'assurance-too-low':
      'The meeting requires a safer identification than the one you used. Choose another way.',
    'identity-mismatch':
      'The invitation is personal and meant for somebody else. Check that you opened the right one, or contact the person who invited you.',
    'already-claimed':
      'The invitation is already in use by somebody else. Contact the person who invited you if it should be you.',
    'payment-required': 'The fee must be paid before you can go to the waiting room.',
    'not-open': 'The waiting room opens one hour before the meeting. Come back then.',
    'not-admitted': 'You have not been let into the meeting.',
    'meeting-full': 'The meeting is full. Nobody more can be let in right now.',
    'connect-failed': 'The server cannot be reached. Check your internet connection and try again.',
    'connection-lost': 'The connection to the meeting broke.',
    unauthorized: 'You have not been let into the meeting.',
    'room-full': 'The meeting is full. Nobody more can be let in right now.',
    'too-many-rooms': 'The server has no place for another meeting right now. Try again in a while.',
    'too-many-connections': 'The server is full right now. Try again in a while.',
    'media-unavailable': 'The server cannot carry sound and picture right now. Try again in a while.',
    draining: 'The server is restarting. Try again in a minute.',
    'unsupported-device':
      'The browser cannot take part. Change to a current Chrome, Edge, Firefox or Safari.',
    'limit-reached': 'The limit of how many there may be is reached.',
  },
  eid: {
    'cancelled-by-user': 'The identification was cancelled. Try again whenever you like.',
    expired: 'The time for the identification ran out. Start again.',
    'start-failed': 'The app could not be started, or the QR code was not read in time. Try again.',
    'already-in-progress':
      'An identification is already in progress for you. Cancel it in the app, wait a while and try again.',
    'certificate-error': 'Your e-ID is blocked or too old. Get a new one from your bank or issuer.',
    'risk-blocked': 'The issuer stopped the identification for safety reasons. Contact support.',
    'assurance-too-low':
      'Your identification has a lower level of assurance than required. Choose another way.',
    'proof-invalid': 'The answer from the e-ID could not be verified. Nobody was let in. Try again.',
    'returned-elsewhere':
      'The identification was approved in another browser than this one. Nobody was logged in. Start again, or use the QR code with the app on another device.',
    'provider-unavailable': 'The e-ID does not answer right now. Try again in a while or choose another way.',
    'wrong-code': 'Too many wrong codes. Ask for a new one.',
    rejected: 'The identification was not approved. Try again or choose another way.',
  },
  network: 'We have lost the connection to the server and keep trying.',
};
