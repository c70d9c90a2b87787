/**
 * tap's reporter for logs (`tap run --reporter=./scripts/test-report.mjs`): a line per test file and what the tests comment;
 * at the very end every failure in full, then their names and the totals, so that a log cut at its head still names them.
 * On a terminal it is tap's own.
 */
import { Transform } from 'node:stream';
import { inspect } from 'node:util';
import { Base } from '@tapjs/reporter';
import { Parser } from 'tap-parser';

/** Comments that tap writes itself. */
const OWN_COMMENT = /^# (Subtest\b|time=|\{ total: |test count\(|No coverage generated|failed \d+ )/;
/** What tap adds around a test that has ended too soon. */
const OWN_EXTRA = /^\s*(TAP version \d+|1\.\.0 # no tests found)\s*$/;
/** How a process was started is the same for all of them. */
const HOW_STARTED = ['stdio', 'cwd', 'externalID', 'command', 'args', 'jobId'];
const SUMMARY_WIDTH = 200;

class TestReport extends Transform {
  #parser = new Parser();
  /** @type {{ path: string[], diag?: object }[]} */
  #failures = [];
  #totals = [];

  constructor() {
    super({ decodeStrings: false });
    this.#parser.on('child', (file) => this.#watchFile(file));
    this.#parser.on('comment', (comment) => {
      if (/^# (\{ total: |time=)/.test(comment)) this.#totals.push(comment.trimEnd());
    });
    // What is no TAP: console output of the tests. It reaches the root from all levels.
    this.#parser.on('extra', (text) => {
      if (!OWN_EXTRA.test(text)) this.#line(`       ${text.trim()}`);
    });
    this.#parser.on('bailout', (reason) => this.#failures.push({ path: [`Bail out! ${reason}`] }));
  }

  _transform(chunk, _encoding, done) {
    this.#parser.write(chunk.toString());
    done();
  }

  _flush(done) {
    this.#parser.once('complete', ({ ok, failures }) => {
      // The runner itself went wrong.
      if (!ok && this.#failures.length === 0)
        this.#failures = failures.map((diag) => ({ path: ['tap'], diag }));
      this.#printEnd();
      done();
    });
    this.#parser.end();
  }

  #line(text = '') {
    this.push(`${text}\n`);
  }

  #watchFile(file) {
    const count = { passed: 0, failed: 0 };
    this.#watch(file, [file.name], count);
    this.#parser.once('assert', ({ ok, time, diag, name }) => {
      // Not by its own name it stands for a timeout of the process.
      const ended = name === file.name ? 'the process failed' : name;
      if (!ok && (count.failed === 0 || diag?.signal || name !== file.name)) {
        const process = Object.entries(diag ?? {}).filter(([key]) => !HOW_STARTED.includes(key));
        this.#failures.push({ path: [file.name, ended], diag: Object.fromEntries(process) });
      }
      const failed = count.failed > 0 ? `, ${count.failed} failed` : '';
      const seconds = ((time ?? 0) / 1000).toFixed(1);
      this.#line(`${ok ? 'ok    ' : 'NOT OK'} ${file.name}: ${count.passed} passed${failed}, ${seconds} s`);
    });
  }

  /**
   * Counts as tap does the assertions of a test and of those in it; a test itself counts when there are none in it (a property
   * that holds), and is a failure of its own when nothing in it is.
   */
  #watch(test, path, count) {
    let passedBefore = 0;
    let failedBefore = 0;
    const failed = (name, diag) => {
      count.failed += 1;
      this.#failures.push({ path: [...path, name], diag });
    };
    test.on('child', (inner) => {
      passedBefore = count.passed;
      failedBefore = count.failed;
      this.#watch(inner, [...path, inner.name], count);
    });
    test.on('assert', ({ ok, name, diag, todo, skip, closingTestPoint: sumsUp }) => {
      if (todo || skip || (sumsUp && count.failed > failedBefore)) return;
      if (!ok) failed(name, diag);
      else if (!sumsUp || count.passed === passedBefore) count.passed += 1;
    });
    test.on('comment', (comment) => {
      if (!OWN_COMMENT.test(comment)) this.#line(`       ${path.join(' > ')}: ${comment.slice(1).trim()}`);
    });
    const failedAtStart = count.failed;
    test.on('complete', ({ failures }) => {
      if (count.failed > failedAtStart) return;
      for (const { tapError, ...diag } of failures) if (tapError) failed(tapError, diag);
    });
  }

  #printEnd() {
    for (const [index, { path, diag }] of this.#failures.entries()) {
      this.#line(`\nFAILURE ${index + 1} of ${this.#failures.length}: ${path.join(' > ')}`);
      for (const [key, value] of Object.entries(diag ?? {})) this.#line(describe(key, value, '  '));
    }
    this.#line();
    for (const { path } of this.#failures) this.#line(`FAILED ${path.join(' > ').slice(0, SUMMARY_WIDTH)}`);
    for (const comment of this.#totals) this.#line(comment);
  }
}

function describe(key, value, indent) {
  const inner = `${indent}  `;
  const plain = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (key === 'at' && plain)
    return `${indent}at: ${value.fileName}:${value.lineNumber}:${value.columnNumber}`;
  if (plain) {
    const parts = Object.entries(value).map(([name, part]) => describe(name, part, inner));
    return [`${indent}${key}:`, ...parts].join('\n');
  }
  const text =
    typeof value === 'string' ? value.trimEnd() : inspect(value, { depth: null, maxArrayLength: null });
  return text.includes('\n') ? `${indent}${key}:\n${text.replace(/^/gm, inner)}` : `${indent}${key}: ${text}`;
}

export default process.stdout.isTTY ? Base : TestReport;
