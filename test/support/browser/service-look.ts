/**
 * Every page of the service on a desktop and a phone: no violation of WCAG 2.1 AA that axe-core finds, nothing to scroll
 * sideways at 320 CSS pixels, nothing too small to press, no error on the console.
 */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import type { Language } from '../../../examples/meeting/shared/api.js';
import { en } from '../../../examples/meeting/web/service/texts/en/index.js';
import { sv } from '../../../examples/meeting/web/service/texts/sv/index.js';
import { startFakeService } from '../../service/web/fake-service.js';
import { launchChromium } from './browsers.js';
import {
  accessibilityProblems,
  DESKTOP,
  openServicePage,
  PHONE,
  sidewaysScroll,
  smallTargets,
} from './service-page.js';
import type { Scenario } from './service-scenarios.js';

const folder = fileURLToPath(new URL('../../../test-results/service/', import.meta.url));
/** Looks at these pages in one language; the pictures go to test-results/service/. `SCENARIO=book`: at some of them only. */
export async function lookAtPages(
  t: Test,
  scenarios: readonly Scenario[],
  language: Language,
): Promise<void> {
  const chosen = scenarios.filter(({ name }) => name.includes(process.env.SCENARIO ?? ''));
  const texts = { sv, en }[language];
  const browser = await launchChromium(t);
  const service = await startFakeService(t);
  const { context } = await openServicePage(t, browser, language);
  mkdirSync(folder, { recursive: true });
  for (const { name, path, prepare, act, ready, window = false } of chosen) {
    await t.test(name, async (t) => {
      service.reset();
      prepare?.(service);
      const page = await context.newPage();
      t.teardown(() => page.close());
      const problems: string[] = [];
      page.on('pageerror', (error) => problems.push(String(error)));
      page.on('console', (message) => {
        const refused = message.text().startsWith('Failed to load resource');
        if (message.type() === 'error' && !refused) problems.push(message.text());
      });
      await page.goto(service.url.slice(0, -1) + path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await act?.(page, texts, service);
      await page.getByText(ready(texts)).first().waitFor();
      for (const [device, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
        await page.setViewportSize(viewport);
        t.strictSame(await accessibilityProblems(page), [], `${device}: WCAG`);
        t.strictSame(await smallTargets(page), [], `${device}: sizes`);
        await page.screenshot({ path: `${folder}${name}-${language}-${device}.png`, fullPage: !window });
      }
      await page.setViewportSize({ width: 320, height: 640 });
      t.strictSame(await sidewaysScroll(page), [], 'nothing to scroll sideways at 320 pixels');
      t.equal(await page.evaluate(() => document.documentElement.lang), language);
      t.strictSame(problems, [], 'nothing on the console');
    });
  }
}
