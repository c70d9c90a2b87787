// @ts-check
/** The page that every server under test answers with: as large as a small index.html. */
export const PAGE = Buffer.from(
  `<!doctype html><html lang="en"><title>Bench</title><p>${'Room for a page. '.repeat(120)}</p></html>`,
);
export const HEALTH = { status: 'ok' };
