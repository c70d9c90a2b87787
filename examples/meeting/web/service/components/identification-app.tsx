import type { ComponentChild } from 'preact';
import type { EidOrderView, EidProviderView } from '../../../shared/api.js';
import { type Identification, isMobile } from '../model/identification.js';
import { localized, texts } from '../texts/texts.js';
import { AppIcon } from './icons.js';

interface Props {
  identification: Identification;
  provider: EidProviderView;
  /** The button that leads back. */
  wayOut: ComponentChild;
}

/** With an app: a code to scan, or a button that opens it here. */
export function AppFlow({ identification, provider, wayOut }: Props) {
  const { app: words } = texts.value.identify;
  const name = localized(provider.label);
  const order = identification.order.value;
  if (order === null) {
    return (
      <div class="stack">
        <Busy />
        <div class="actions">{wayOut}</div>
      </div>
    );
  }
  const launch = isMobile() ? order.launch?.mobile : order.launch?.desktop;
  return (
    <div class="stack">
      <p class="status-line">
        <span class="waiting-mark" />
        {localized(order.message)}
      </p>
      {identification.sameDevice.value ? (
        launch !== undefined && (
          <div class="stack stack-small stack-start">
            <a class="button button-primary button-large" href={launch}>
              <AppIcon />
              {words.open(name)}
            </a>
            <p class="hint">{words.openHelp}</p>
          </div>
        )
      ) : (
        <QrCode order={order} name={name} />
      )}
      <div>
        <button
          type="button"
          class="button button-quiet"
          onClick={() => void identification.switchDevice(!identification.sameDevice.value)}
        >
          {identification.sameDevice.value ? words.useQr : words.useThisDevice}
        </button>
      </div>
      <div class="actions">{wayOut}</div>
    </div>
  );
}

/** As a picture of its own: nothing of what the server draws becomes part of this page. */
function QrCode({ order, name }: { order: EidOrderView; name: string }) {
  const { app: words } = texts.value.identify;
  if (order.qrSvg === undefined) return null;
  return (
    <div class="columns columns-two">
      <div class="qr">
        <img src={`data:image/svg+xml,${encodeURIComponent(order.qrSvg)}`} alt={words.qrAlt(name)} />
      </div>
      <div class="stack stack-small">
        <h3>{words.qrHeading}</h3>
        <ol class="stack stack-small">
          {words.qrSteps(name).map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
        <p class="hint">{words.qrHelp}</p>
      </div>
    </div>
  );
}

/** Sent on to the provider's own page. */
export function RedirectFlow({ identification, provider, wayOut }: Props) {
  const { redirect } = texts.value.identify;
  const name = localized(provider.label);
  const order = identification.order.value;
  return (
    <div class="stack">
      <p>{redirect.lead(name)}</p>
      {order?.redirectUrl === undefined && <Busy />}
      <div class="actions">
        {order?.redirectUrl !== undefined && (
          <a class="button button-primary" href={order.redirectUrl}>
            {redirect.go(name)}
          </a>
        )}
        {wayOut}
      </div>
    </div>
  );
}

function Busy() {
  return (
    <p class="status-line">
      <span class="waiting-mark" />
      {texts.value.common.busy}
    </p>
  );
}
