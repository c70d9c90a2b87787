import type { Booking } from '../../model/booking.js';
import { moneyText, shortDayText } from '../../model/dates.js';
import { texts } from '../../texts/texts.js';
import { Facts, type FactRow, informationText } from '../../components/bits.js';
import { whenText } from '../visit/invitation.js';

/** Everything once more, with a way back to each step. */
export function ReviewStep({ booking, onGo }: { booking: Booking; onGo: (step: number) => void }) {
  const { booking: words, portal, common, visit } = texts.value;
  const request = booking.request();
  const { overview } = booking;
  const room = overview.rooms.find(({ id }) => id === request.roomId);
  const dates = booking.dates.value;
  const { assessment, payment } = request;
  const sections: FactRow[][] = [
    [
      [words.subject.title, request.title],
      [words.subject.kind, common.kind[request.kind]],
      [words.subject.meetingType, booking.type?.name ?? ''],
      [words.subject.room, room?.name ?? ''],
      [portal.meeting.informationClass, informationText(request.informationClass)],
    ],
    [
      [portal.meeting.justification, assessment.justification],
      [
        portal.meeting.deviation,
        assessment.deviation === null
          ? portal.meeting.noDeviation
          : portal.meeting.deviationBy(assessment.deviation.reason, assessment.deviation.decidedBy),
      ],
    ],
    [
      [portal.meeting.when, whenText(request.startsAt, request.durationMinutes)],
      [
        words.time.repeat,
        dates.length > 1
          ? `${words.review.series(dates.length)}: ${dates.map(shortDayText).join(', ')}`
          : words.time.once,
      ],
    ],
    [
      [
        words.steps[3],
        <ul>
          {request.invitees.map(({ name, role, via }, index) => (
            <li key={index}>
              {name}, {common.role[role].toLowerCase()}, {words.people.viaWords[via].toLowerCase()}
            </li>
          ))}
        </ul>,
      ],
      [portal.meeting.level, visit.invitation.levelNeed[request.minimumAssurance]],
      [words.people.encryption, words.people.encryptionWords[request.endToEndEncryption]],
      [words.people.message, request.message === '' ? portal.meeting.noMessage : request.message],
      [
        visit.invitation.payHeading,
        overview.paymentEnabled ? (payment === undefined ? words.review.free : moneyText(payment)) : null,
      ],
    ],
  ];
  return (
    <>
      <p>{words.review.lead}</p>
      {sections.map((rows, step) => (
        <section key={step} class="card" aria-labelledby={`review-${step}`}>
          <div class="list-head">
            <h3 id={`review-${step}`}>{words.steps[step]}</h3>
            <button
              type="button"
              class="button button-small"
              aria-label={words.review.changeStep(words.steps[step])}
              onClick={() => onGo(step)}
            >
              {words.review.change}
            </button>
          </div>
          <Facts rows={rows} />
        </section>
      ))}
    </>
  );
}
