/** What the page sees of providers and orders. */
import QRCode from 'qrcode';
import type { EidProvider, EidStatus } from 'sluss/gateway';
import type { EidOrderView, EidProviderView } from '../shared/api.js';

export function providerView({ id, label, flow, assurance, isTest }: EidProvider): EidProviderView {
  return { id, label, flow, assurance, isTest };
}

export function orderView(id: string, provider: string, status: EidStatus): EidOrderView {
  if (status.state === 'complete') {
    return { id, provider, state: 'complete', message: { sv: 'Klart.', en: 'Done.' } };
  }
  if (status.state === 'failed') {
    return { id, provider, state: 'failed', message: status.message, failure: status.failure };
  }
  const { message, qr, launch, redirectUrl, codeSentTo, attemptsLeft } = status;
  return {
    id,
    provider,
    state: 'pending',
    message,
    ...(qr === undefined ? {} : { qrSvg: qrSvg(qr) }),
    ...(launch === undefined ? {} : { launch }),
    ...(redirectUrl === undefined ? {} : { redirectUrl }),
    ...(codeSentTo === undefined ? {} : { codeSentTo }),
    ...(attemptsLeft === undefined ? {} : { attemptsLeft }),
  };
}

/** Blank modules around the code, which readers need (ISO/IEC 18004). */
const QUIET_ZONE = 4;

/** One path, no style and no script: it passes the page's content security policy. */
export function qrSvg(text: string): string {
  const { modules } = QRCode.create(text, { errorCorrectionLevel: 'L' });
  const side = modules.size + 2 * QUIET_ZONE;
  let path = '';
  for (let row = 0; row < modules.size; row++) {
    let column = 0;
    while (column < modules.size) {
      let width = 0;
      while (column + width < modules.size && modules.get(row, column + width)) width++;
      if (width > 0) path += `M${column + QUIET_ZONE} ${row + QUIET_ZONE}h${width}v1h-${width}z`;
      column += width + 1;
    }
  }
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges">` +
    `<path fill="#fff" d="M0 0h${side}v${side}H0z"/><path fill="#000" d="${path}"/></svg>`
  );
}
