/** Booking a meeting in the portal, step by step, with nothing but what is on the pages. */
import { clockOf, dayOf } from '../../../examples/meeting/web/service/model/dates.js';
import { type Attendee, en } from './attendee.js';

export interface Invitee {
  name: string;
  role?: 'participant' | 'interpreter' | 'relative' | 'authority';
  /** Given: invited by mail; else by a link to copy. */
  email?: string;
  /** Given: only this person gets in. */
  personalNumber?: string;
  language?: 'sv' | 'en';
}

export interface Wanted {
  title: string;
  startsAt: Date;
  /** Default: the first one. */
  meetingType?: string;
  invitees: readonly Invitee[];
  /** Default: what the meeting type says. */
  encryption?: 'required' | 'off';
  message?: string;
}

/** From the portal's first page to the page of the booked meeting; returns the meeting's id. `look` is called at each step. */
export async function book(
  organiser: Attendee,
  { title, startsAt, meetingType, invitees, encryption, message }: Wanted,
  look: (step: string) => Promise<void> = () => Promise.resolve(),
): Promise<string> {
  const { page } = organiser;
  const { booking, common } = en;
  const { subject, suitability, time, people } = booking;
  const next = (): Promise<void> => organiser.press(booking.next);
  await page.getByRole('main').getByRole('link', { name: en.portal.book, exact: true }).click();

  await organiser.heading(new RegExp(`${subject.heading.replace('?', '\\?')}$`)).waitFor();
  await page.getByLabel(subject.title, { exact: true }).fill(title);
  await page.getByLabel(common.kind.group).check();
  if (meetingType !== undefined) {
    await page.getByLabel(subject.meetingType, { exact: true }).selectOption({ label: meetingType });
  }
  await look('subject');
  await next();

  await page.getByRole('group', { name: suitability.child }).getByLabel(common.no, { exact: true }).check();
  await page.getByRole('group', { name: suitability.suits }).getByLabel(common.yes, { exact: true }).check();
  await page.getByLabel(suitability.justification).fill('Used to meetings by video');
  await look('suitability');
  await next();

  await page.getByLabel(time.date, { exact: true }).fill(dayOf(startsAt));
  await page.getByLabel(`${time.time} (${time.zone.toLowerCase()})`).fill(clockOf(startsAt.toISOString()));
  await look('time');
  await next();

  for (const invitee of invitees) await invite(organiser, invitee);
  if (encryption !== undefined) {
    await page.getByRole('radio', { name: people.encryptionWords[encryption], exact: true }).check();
  }
  if (message !== undefined) await page.getByLabel(people.message).fill(message);
  await look('people');
  await next();

  await organiser.heading(new RegExp(`${booking.review.heading}$`)).waitFor();
  await look('review');
  await organiser.press(booking.submit);
  await organiser.heading(title).waitFor();
  await page.waitForURL(/\/portal\/meetings\//);
  return new URL(page.url()).pathname.split('/').at(-1)!;
}

async function invite(organiser: Attendee, invitee: Invitee): Promise<void> {
  const { page } = organiser;
  const { people } = en.booking;
  const { name, role = 'participant', email, personalNumber, language = 'en' } = invitee;
  await page.getByLabel(people.name, { exact: true }).fill(name);
  await page.getByLabel(people.role, { exact: true }).selectOption({ label: en.common.role[role] });
  const via = people.viaWords[email === undefined ? 'link' : 'email'];
  await page.getByRole('radio', { name: via, exact: true }).check();
  if (email !== undefined) await page.getByLabel(people.email, { exact: true }).fill(email);
  if (personalNumber !== undefined) await page.getByLabel(people.personalNumber).fill(personalNumber);
  await page.getByLabel(people.language).selectOption({ label: people.languages[language] });
  await organiser.press(people.add);
  await page.getByRole('button', { name: people.removeName(name) }).waitFor();
}

/** The link to copy, from the clipboard, as the page of the booked meeting gives it. */
export async function copyLink({ page }: Attendee, name: string): Promise<string> {
  const { copyLinkOf, linkCopied } = en.portal.meeting;
  await page.getByRole('button', { name: copyLinkOf(name) }).click();
  await page.getByText(linkCopied(name)).first().waitFor();
  return page.evaluate(() => navigator.clipboard.readText());
}
