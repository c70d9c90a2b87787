/** Long enough for the browser to have read it. */
const KEEP_MS = 60_000;

/** Hands a document to the person as a download. */
export function saveFile(document: Blob, name: string): void {
  const url = URL.createObjectURL(document);
  const link = window.document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEEP_MS);
}
