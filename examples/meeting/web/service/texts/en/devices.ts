import type { Texts } from '../texts.js';

export const devices: Texts['devices'] = {
  microphone: 'Microphone',
  camera: 'Camera',
  speaker: 'Loudspeaker',
  systemDefault: 'System default',
  unnamed: (kind, index) => `${kind} ${index}`,
  chooseMicrophone: 'Choose microphone',
  chooseCamera: 'Choose camera',
  chooseSpeaker: 'Choose loudspeaker',
  preview: 'Your camera picture',
  previewOff: 'The camera is off',
  previewStarting: 'Starting the camera …',
  level: 'Microphone level',
  levelHint: 'Say something. The bar moves when the microphone hears you.',
  playTone: 'Play a tone',
  tonePlaying: 'The tone is playing.',
  toneHint: 'If you hear the tone, the loudspeaker works.',
  toneFailed: 'The tone could not be played. Check the sound output.',
  trouble: {
    insecure: () =>
      'The browser gives camera and microphone only to pages over https. You can still take part and listen.',
    denied: (device) =>
      `${device}: the page has no permission. Allow it in the browser’s address bar and try again.`,
    missing: (device) => `${device}: none was found. Plug one in and try again.`,
    busy: (device) => `${device}: in use by another program. Close that program and try again.`,
    lost: (device) => `${device}: the device was unplugged or stopped.`,
    failed: (device) => `${device}: could not be started. Try again or choose another device.`,
  },
  checks: {
    heading: 'Browser and connection',
    run: 'Test again',
    running: 'Testing …',
    allGood: 'Everything that can be tried here works.',
    notTried:
      'The connection for sound and picture is first tried when you enter the meeting: the network may stop it even if everything here works.',
    someProblem: 'Something needs attention, see the list.',
    browserGood: 'The browser can receive and send sound and picture.',
    browserProblem:
      'The browser cannot be used for video meetings. Change to a current Chrome, Edge, Firefox or Safari.',
    encryptionGood: 'The browser can do end-to-end encryption.',
    encryptionWarning:
      'The browser cannot do end-to-end encryption. You cannot take part in meetings that require it with this browser.',
    serverGood: (ms) => `The server answers in ${ms} ms.`,
    serverProblem: 'The server does not answer. Check the internet connection.',
    socketGood: 'The connection for the meeting (WebSocket) can be opened.',
    socketProblem:
      'The connection for the meeting (WebSocket) is stopped, often by a firewall or proxy. Try another network or contact support.',
    mediaGood:
      'The browser can open UDP connections for sound and picture. This tests your browser only, not your network.',
    mediaWarning:
      'No way for sound and picture (UDP) could be opened. An extension, a VPN or a firewall may stop it.',
    good: 'Works',
    problem: 'Problem',
    warning: 'Note',
  },
};
