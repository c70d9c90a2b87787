import { useEffect } from 'preact/hooks';
import type { Check, Readiness } from '../model/readiness.js';
import { texts } from '../texts/texts.js';
import { GoodIcon, ProblemIcon, WarningIcon } from './icons.js';

const icons = { good: GoodIcon, warning: WarningIcon, problem: ProblemIcon };

/** Runs the checks of browser and network when it appears, and shows what came out. */
export function CheckListView({ readiness }: { readiness: Readiness }) {
  useEffect(() => void readiness.run(), [readiness]);
  const { checks: words } = texts.value.devices;
  const running = readiness.running.value;
  const done = !running && readiness.checks.value.length > 0;
  return (
    <div class="stack">
      <ul class="checks">
        {readiness.checks.value.map((check) => (
          <CheckLine key={check.id} check={check} />
        ))}
      </ul>
      <p role="status" class="status-line">
        {running && (
          <>
            <span class="waiting-mark" /> {words.running}
          </>
        )}
        {done && (readiness.good.value ? words.allGood : words.someProblem)}
      </p>
      <p class="hint">{words.notTried}</p>
      <div>
        <button
          type="button"
          class="button button-small"
          aria-busy={running}
          onClick={() => void readiness.run()}
        >
          {words.run}
        </button>
      </div>
    </div>
  );
}

function CheckLine({ check: { outcome, text } }: { check: Check }) {
  const Sign = icons[outcome];
  return (
    <li class={`check check-${outcome}`}>
      <Sign />
      <span>
        <span class="unseen">{texts.value.devices.checks[outcome]}: </span>
        {text()}
      </span>
    </li>
  );
}
