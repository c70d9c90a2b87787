// @ts-check
/** What all plots share: readable on a light and on a dark page. */

/** Ours stands out; the shade tells parts from each other. */
export const OURS = ['#1f6fc4', '#8fbbe8'];
export const OTHERS = ['#7a7f87', '#bfc3c9'];

/**
 * @param {string} title
 * @param {number} width
 * @param {number} height
 * @param {string[]} content
 */
export function frame(title, width, height, content) {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escape(title)}</title>`,
    '<style>text{font:13px system-ui,sans-serif;fill:#24292f}.title{font-weight:600;font-size:15px}',
    '.rule{stroke:#8885;stroke-width:1}@media(prefers-color-scheme:dark){text{fill:#e6edf3}}</style>',
    `<text class="title" x="8" y="24">${escape(title)}</text>`,
    ...content,
    '</svg>',
    '',
  ].join('\n');
}

/** @param {unknown} text */
export function escape(text) {
  return String(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
