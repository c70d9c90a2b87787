import type { Texts } from '../texts.js';

export const info: Texts['info'] = {
  expiry: {
    heading: 'You will soon be signed out',
    lead: (minutes) =>
      `You have not done anything for a while. For safety you will be signed out in ${minutes}.`,
    stay: 'Stay signed in',
    expiredHeading: 'You have been signed out',
    expired:
      'Too long a time passed without you doing anything. Sign in again to go on. What you had not saved is gone.',
    signInAgain: 'Sign in again',
  },
  notFound: {
    title: 'No such page',
    heading: 'There is no such page',
    lead: 'The link may be misspelt, or the page has been removed. Have you been invited? Open the link in the invitation again.',
  },
  failed: { heading: 'The page could not be shown' },
  deviceTest: {
    title: 'Test your equipment',
    heading: 'Test your equipment',
    lead: 'Try it well before the meeting, preferably on the device and in the network that you will use. Nothing is recorded or sent.',
  },
  support: {
    title: 'Support',
    heading: 'Support',
    lead: 'We help you before, during and after the meeting.',
    contactHeading: 'Contact',
    helpHeading: 'Common questions',
    questions: [
      {
        question: 'I cannot find my invitation',
        answer: 'Look in your spam folder. Otherwise ask the person who invited you to send it again.',
      },
      {
        question: 'I cannot identify myself',
        answer:
          'Check that the app is up to date and that you use the e-ID that the meeting requires. Otherwise choose another way in the list.',
      },
      {
        question: 'Nobody lets me in',
        answer:
          'Nobody gets in before the host is there. Keep the page open. The tab shows a sign when something happens.',
      },
      {
        question: 'The camera or microphone does not work',
        answer:
          'Allow camera and microphone in the browser’s address bar, and close other programs that use them. You can take part without.',
      },
      {
        question: 'The sound or picture stutters',
        answer: 'Sit near your router or use a cable. Turn off the camera if the connection is weak.',
      },
    ],
  },
  accessibility: {
    title: 'Accessibility statement',
    heading: 'Accessibility of the service',
    lead: (service) =>
      `This statement describes how ${service} meets the Swedish act on accessibility to digital public service.`,
    sections: [
      {
        heading: 'How accessible is the service?',
        paragraphs: [
          'The goal is that the service meets WCAG 2.1 level AA and EN 301 549. Every page is checked automatically at each change, and the most important flows can be done with the keyboard alone.',
        ],
      },
      {
        heading: 'Known shortcomings',
        paragraphs: [
          'Speech in the meeting is not captioned by the service. If you need text, sign language or an interpreter, say so when you are booked, so that an interpreter can be invited.',
          'If you cannot scan a QR code you can open the e-ID on the same device.',
        ],
      },
      {
        heading: 'Tell us about obstacles',
        paragraphs: [
          'If you find something that does not work, or need the information in another form, contact support. We answer as soon as we can.',
        ],
      },
      {
        heading: 'Supervision',
        paragraphs: [
          'The Agency for Digital Government, Digg, supervises the act. If you are not content with how we handle your comments you can report it to Digg at digg.se.',
        ],
      },
      {
        heading: 'How we have tested',
        paragraphs: [
          'We test with automatic tools (axe-core) in Swedish and English, on desktop and phone, by keyboard, at a width of 320 pixels and with reduced motion.',
        ],
      },
    ],
  },
};
