import type { Browser as ChromiumBrowser } from 'playwright-core';
import type { Browser as FirefoxBrowser } from 'puppeteer-core';
import type { Cookie } from './service-visit.js';

/** The little of playwright and puppeteer that the tests use, under one roof: functions given here run in the page. */
export interface Driver {
  goto(url: string): Promise<void>;
  /** Before the first page: the cookie of this address, and what is sent with every request. */
  prepare(url: string, cookie: Cookie, headers: Record<string, string>): Promise<void>;
  evaluate<A, R>(inPage: (argument: A) => R | Promise<R>, argument: A): Promise<R>;
  /** Waits until the function answers true in the page; looks at every change of the picture and every 100 ms. */
  waitFor<A>(
    what: string,
    inPage: (argument: A) => boolean | Promise<boolean>,
    argument: A,
    timeoutMs?: number,
  ): Promise<void>;
  click(selector: string): Promise<void>;
  type(selector: string, text: string): Promise<void>;
  screenshot(path: string): Promise<void>;
  close(): Promise<void>;
}

const DEFAULT_TIMEOUT_MS = 15_000;

/** A page in a context of its own: own storage, own window, never in the background. */
export async function chromiumDriver(
  browser: ChromiumBrowser,
  viewport = { width: 960, height: 540 },
): Promise<Driver> {
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  return {
    goto: async (url) => void (await page.goto(url)),
    prepare: async (url, { name, value }, headers) => {
      const { hostname: domain } = new URL(url);
      await context.addCookies([{ name, value, domain, path: '/', secure: true, httpOnly: true }]);
      await context.setExtraHTTPHeaders(headers);
    },
    evaluate: (inPage, argument) => page.evaluate(inPage as never, argument) as never,
    waitFor: (what, inPage, argument, timeout = DEFAULT_TIMEOUT_MS) =>
      explained(what, timeout, page.waitForFunction(inPage as never, argument, { timeout, polling: 100 })),
    click: (selector) => page.click(selector),
    type: (selector, text) => page.fill(selector, text),
    screenshot: async (path) => void (await page.screenshot({ path })),
    close: () => context.close(),
  };
}

export async function firefoxDriver(browser: FirefoxBrowser): Promise<Driver> {
  const page = await browser.newPage();
  return {
    goto: async (url) => void (await page.goto(url)),
    prepare: async (url, { name, value }, headers) => {
      const { hostname: domain } = new URL(url);
      const at = { domain, path: '/', secure: true, httpOnly: true };
      await page.browserContext().setCookie({ name, value, ...at });
      await page.setExtraHTTPHeaders(headers);
    },
    evaluate: (inPage, argument) => page.evaluate(inPage as never, argument),
    waitFor: (what, inPage, argument, timeout = DEFAULT_TIMEOUT_MS) =>
      explained(what, timeout, page.waitForFunction(inPage as never, { timeout, polling: 100 }, argument)),
    click: (selector) => page.click(selector),
    type: (selector, text) => page.type(selector, text),
    screenshot: async (path) => void (await page.screenshot({ path: path })),
    close: () => page.close(),
  };
}

async function explained(what: string, timeout: number, wait: Promise<unknown>): Promise<void> {
  try {
    await wait;
  } catch (error) {
    throw new Error(`waited ${timeout} ms for: ${what}`, { cause: error });
  }
}
