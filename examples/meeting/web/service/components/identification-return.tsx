import { returnFailure } from '../model/eid-return.js';
import { eidFailureText } from '../model/failure-text.js';
import { texts } from '../texts/texts.js';
import { Alert } from './alert.js';

/** An e-ID's app has opened this page, and nobody is signed in by it: why, and what to do. */
export function ReturnFailure() {
  const reason = returnFailure.value;
  if (reason === null) return null;
  const { identify, failures, common } = texts.value;
  const isElsewhere = reason === 'returned-elsewhere';
  const byCode = Object.hasOwn(failures.byCode, reason) ? failures.byCode[reason] : failures.unknown;
  return (
    <Alert tone="problem" role="alert" heading={identify.failedHeading}>
      <p>{isElsewhere ? identify.returned.elsewhere : (eidFailureText(reason) ?? byCode)}</p>
      {isElsewhere && <p>{identify.returned.warning}</p>}
      <p>
        <button type="button" class="button button-small" onClick={() => (returnFailure.value = null)}>
          {common.close}
        </button>
      </p>
    </Alert>
  );
}
