/** The answers of BankID's RP API v6.0: what is needed is checked, all else may come and go. Null: nonsense. */
export interface StartedOrder {
  readonly orderRef: string;
  readonly autoStartToken: string;
  readonly qrStartToken: string;
  readonly qrStartSecret: string;
}

export interface CompletionData {
  readonly personalNumber: string | null;
  readonly signature: string | null;
  readonly ocspResponse: string | null;
  /** All of it, as evidence. */
  readonly received: unknown;
}

export type CollectAnswer =
  | { readonly status: 'pending' | 'failed'; readonly hintCode: string }
  | { readonly status: 'complete'; readonly completionData: CompletionData };

export function readStartedOrder(answer: unknown): StartedOrder | null {
  const { orderRef, autoStartToken, qrStartToken, qrStartSecret } = asRecord(answer);
  return isToken(orderRef) && isToken(autoStartToken) && isToken(qrStartToken) && isToken(qrStartSecret)
    ? { orderRef, autoStartToken, qrStartToken, qrStartSecret }
    : null;
}

/** An answer about another order is nonsense. */
export function readCollectAnswer(answer: unknown, expectedOrderRef: string): CollectAnswer | null {
  const { orderRef, status, hintCode, completionData } = asRecord(answer);
  if (orderRef !== undefined && orderRef !== expectedOrderRef) return null;
  if (status === 'pending' || status === 'failed') {
    return { status, hintCode: typeof hintCode === 'string' ? hintCode : '' };
  }
  if (status !== 'complete') return null;
  const { user, signature, ocspResponse } = asRecord(completionData);
  return {
    status,
    completionData: {
      personalNumber: asText(asRecord(user).personalNumber),
      signature: asText(signature),
      ocspResponse: asText(ocspResponse),
      received: completionData,
    },
  };
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function asText(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** Goes into links and QR codes. */
function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^[\w.-]{16,200}$/.test(value);
}
