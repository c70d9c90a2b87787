/** A sealed document's way to the server and back, over the service's document routes (shared/api.ts). */
import { ApiFailure, failureFrom } from '../../service/api/failure.js';
import { request } from '../../service/api/request.js';

/** A share, 0 to 1, of what has gone over. */
export type TransferProgress = (share: number) => void;

export interface DocumentTransfer {
  /** Resolves with the document's id. Rejects with an `ApiFailure`, or an `AbortError`. */
  upload(sealed: Blob, progress: TransferProgress, signal: AbortSignal): Promise<string>;
  /** `size` of what is sealed, bytes. */
  download(id: string, size: number, progress: TransferProgress, signal: AbortSignal): Promise<Blob>;
}

export function documentTransfer(meetingId: string): DocumentTransfer {
  const folder = `/api/meetings/${encodeURIComponent(meetingId)}/documents`;
  return {
    async upload(sealed, progress, signal) {
      const { documentId } = await request<{ documentId: string }>('POST', folder, { size: sealed.size });
      signal.throwIfAborted();
      await put(`${folder}/${encodeURIComponent(documentId)}`, sealed, progress, signal);
      return documentId;
    },
    download: (id, size, progress, signal) =>
      get(`${folder}/${encodeURIComponent(id)}`, size, progress, signal),
  };
}

/** By XMLHttpRequest: `fetch` does not tell how much has been sent. */
function put(path: string, body: Blob, progress: TransferProgress, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.open('PUT', path);
    sending.setRequestHeader('Content-Type', 'application/octet-stream');
    sending.responseType = 'json';
    sending.upload.onprogress = ({ loaded, total }) => progress(total === 0 ? 1 : loaded / total);
    sending.onload = () => {
      if (sending.status < 300) resolve();
      else reject(failureFrom(sending.status, sending.response));
    };
    sending.onerror = () => reject(new ApiFailure('offline', 0));
    sending.onabort = () => reject(new DOMException('cancelled', 'AbortError'));
    signal.addEventListener('abort', () => sending.abort(), { once: true });
    sending.send(body);
  });
}

async function get(
  path: string,
  size: number,
  progress: TransferProgress,
  signal: AbortSignal,
): Promise<Blob> {
  const response = await fetch(path, { credentials: 'same-origin', cache: 'no-store', signal }).catch(
    (error: unknown) => {
      throw signal.aborted ? error : new ApiFailure('offline', 0);
    },
  );
  if (!response.ok) throw failureFrom(response.status, await response.json().catch(() => null));
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let received = 0;
  const reader = response.body!.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw signal.aborted ? error : new ApiFailure('offline', 0);
    });
    if (done) break;
    parts.push(value);
    received += value.length;
    // Nobody fills this page's memory with more than was said.
    if (received > size) {
      await reader.cancel();
      throw new ApiFailure('bad-answer', response.status);
    }
    progress(received / Math.max(1, size));
  }
  return new Blob(parts);
}
