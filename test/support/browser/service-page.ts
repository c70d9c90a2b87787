/** The service's pages in a real browser: opening them as some person, and looking at them as WCAG does. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Test } from 'tap';
import type { Language } from '../../../examples/meeting/shared/api.js';

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

export interface Opened {
  page: Page;
  context: BrowserContext;
  /** What the page wrote to its console as an error, CSP violations among them. */
  problems: string[];
}

/** A page of its own context: nothing is remembered from others. */
export async function openServicePage(
  t: Test,
  browser: Browser,
  language: Language,
  viewport = DESKTOP,
  reducedMotion: 'reduce' | 'no-preference' = 'no-preference',
): Promise<Opened> {
  const context = await browser.newContext({
    viewport,
    reducedMotion,
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  t.teardown(() => context.close());
  await context.addInitScript((chosen) => localStorage.setItem('service.language', chosen), language);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    // Answers that are refusals are written to the console by the browser itself.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      problems.push(message.text());
    }
  });
  return { page, context, problems };
}

/** Every violation of WCAG 2.1 A and AA and of good practice that axe-core finds, one line each. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    interface Result {
      violations: { id: string; help: string; nodes: { html: string; failureSummary?: string }[] }[];
    }
    const { axe } = window as unknown as { axe: { run(at: Document, options: object): Promise<Result> } };
    const { violations } = await axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'],
      resultTypes: ['violations'],
    });
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(
        ({ html, failureSummary }) => `${id}: ${help}: ${html.slice(0, 200)} ${failureSummary ?? ''}`,
      ),
    );
  });
}

/** What sticks out to the right of the page, one line each; empty when nothing has to be scrolled sideways. */
export function sidewaysScroll(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    return [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > clientWidth + 0.5)
      .map((element) => `${element.tagName}.${element.className} ${element.getBoundingClientRect().right}`);
  });
}

/** What can be pressed and is smaller than 24 by 24 CSS pixels (WCAG 2.2 2.5.8), links inside sentences aside. */
export function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea, summary')]
      .filter(
        (element) =>
          element.checkVisibility() && element.closest('.skip-link, p, li > label, label') === null,
      )
      .filter((element) => {
        const { width, height } = element.getBoundingClientRect();
        return width > 0 && (width < 24 || height < 24);
      })
      .map((element) => element.outerHTML.slice(0, 120)),
  );
}
