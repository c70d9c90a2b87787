/** A browser that is frozen or killed says no goodbye: the others lose its tile within 30 seconds. */
import t from 'tap';
import { launchChromium, launchChromiumProcess } from '../support/browser/browsers.js';
import { ExampleServer } from '../support/browser/example-server.js';
import { MeetingPage } from '../support/browser/meeting-page.js';
import { signalTree } from '../support/browser/process-tree.js';

for (const signal of ['SIGSTOP', 'SIGKILL'] as const) {
  t.test(`a browser stopped by ${signal} is gone within 30 seconds`, async (t) => {
    const server = await ExampleServer.start(t, 'meeting');
    const anna = await MeetingPage.inChromium(await launchChromium(t), { server, name: 'Anna' });
    const { browser, pid } = await launchChromiumProcess(t);
    await MeetingPage.inChromium(browser, { server, name: 'Björn' });
    await anna.waitForPictures(['Björn']);
    const started = performance.now();
    signalTree(pid, signal);
    await anna.waitForPeople([], 30_000);
    t.comment(`gone after ${((performance.now() - started) / 1000).toFixed(1)} s`);
  });
}
