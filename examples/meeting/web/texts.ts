/** Every word that the page shows or speaks. Another language is one more object of type `Texts`. */
const english = {
  language: 'en',
  appName: 'Meeting',

  start: {
    heading: 'Start or join a meeting',
    lead: 'Open a new room and send its link to the others, or enter the name of a room.',
    newRoom: 'New meeting',
    roomLabel: 'Room name',
    roomHint: 'The part of the link after /m/',
    openRoom: 'Go to room',
    roomMissing: 'Enter the name of the room first.',
  },

  join: {
    heading: 'Ready to join?',
    room: (room: string) => `Room ${room}`,
    nameLabel: 'Your name',
    nameHint: 'Shown to the others in the meeting',
    nameMissing: 'Enter your name so that the others know who you are.',
    join: 'Join meeting',
    joinWithout: 'You can join without camera and microphone and turn them on later.',
    previewLabel: 'Your camera picture',
    previewOff: 'The camera is off',
    previewStarting: 'Starting the camera …',
    levelLabel: 'Microphone level',
  },

  devices: {
    microphone: 'Microphone',
    camera: 'Camera',
    defaultDevice: 'System default',
    unnamed: (kind: string, index: number) => `${kind} ${index}`,
  },

  controls: {
    toolbar: 'Meeting controls',
    microphone: 'Microphone',
    camera: 'Camera',
    screen: 'Share screen',
    leave: 'Leave',
    copyLink: 'Copy link',
    linkCopied: 'The link is copied.',
    linkNotCopied: 'The link could not be copied. Copy it from the address bar.',
    dismiss: 'Dismiss',
  },

  meeting: {
    heading: (room: string) => `Meeting in room ${room}`,
    participants: 'Participants',
    count: (count: number) => (count === 1 ? '1 participant' : `${count} participants`),
    you: (name: string) => `${name} (you)`,
    screenOf: (name: string) => `Screen of ${name}`,
    yourScreen: 'You are sharing your screen',
    screensLabel: 'Shared screen',
    alone: 'You are the only one here. Send the link to the people you want to meet.',
    muted: 'Microphone off',
    cameraOff: 'Camera off',
    joined: (name: string) => `${name} joined`,
    left: (name: string) => `${name} left`,
    sharesScreen: (name: string) => `${name} is sharing a screen`,
    stoppedSharing: (name: string) => `${name} stopped sharing`,
  },

  connection: {
    connecting: 'Connecting …',
    reconnecting: 'The connection was lost. Trying to reconnect …',
    reconnected: 'Connected again.',
  },

  left: {
    heading: 'You left the meeting',
    ended: 'The meeting connection ended',
    reason: (reason: string) => `The reason: ${reason}.`,
    rejoin: 'Join again',
    start: 'Back to the start page',
  },

  errors: {
    insecure:
      'This browser gives camera and microphone only to pages opened over https or on localhost. You can still join to watch and listen.',
    deviceDenied: (device: string) =>
      `${device}: this page has no permission. Allow it in the browser’s address bar and try again.`,
    deviceMissing: (device: string) => `${device}: none was found. Plug one in and try again.`,
    deviceBusy: (device: string) => `${device}: in use by another program. Close that program and try again.`,
    deviceLost: (device: string) => `${device}: the device was unplugged or stopped.`,
    deviceFailed: (device: string, detail: string) => `${device}: could not be started (${detail}).`,
    screenFailed: (detail: string) => `The screen could not be shared (${detail}).`,
    joinFailed: (detail: string) => `The meeting could not be joined: ${detail}. Try again.`,
    publishFailed: (what: string, detail: string) => `${what} could not be sent to the meeting (${detail}).`,
    connectionFailed: (detail: string) => `There was a problem with the connection: ${detail}.`,
    /** By the codes of the signalling protocol; others are shown with the server's own words. */
    byCode: {
      'connect-failed': 'the server cannot be reached',
      'connection-lost': 'the connection was lost',
      timeout: 'the server does not answer',
      unauthorized: 'you are not let in',
      'room-full': 'the room is full',
      'too-many-rooms': 'the server has no place for another room',
      'media-unavailable': 'the server cannot carry sound and pictures right now',
      draining: 'the server is shutting down',
      'unsupported-device': 'this browser cannot take part; use a current Chrome, Edge, Firefox or Safari',
      'too-many-connections': 'the server is full',
    } as Record<string, string>,
    noDetail: 'no reason was given',
    codecMissing: (codec: string) =>
      `This browser cannot send ${codec} video; its own choice is used instead.`,
    soundBlocked: 'The browser holds back the sound.',
    playSound: 'Turn on sound',
  },
};

export type Texts = typeof english;

export const texts: Texts = english;
