/**
 * Finds what the tests need beside npm's packages: browsers, ffmpeg, PostgreSQL, coturn, nginx and Caddy. On Debian, as root,
 * installs what is missing; elsewhere says what to install. Prints one line for each, exits 1 when something is still missing.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

const tools = [
  {
    name: 'Chromium',
    variable: 'CHROME_BIN',
    candidates: ['/usr/bin/chromium', 'chromium', 'google-chrome'],
    apt: 'chromium',
  },
  {
    name: 'Firefox',
    variable: 'FIREFOX_BIN',
    candidates: ['/usr/bin/firefox-esr', 'firefox-esr', 'firefox'],
    apt: 'firefox-esr',
  },
  { name: 'ffmpeg', variable: 'FFMPEG_BIN', candidates: ['/usr/bin/ffmpeg', 'ffmpeg'], apt: 'ffmpeg' },
  // Debian keeps the programs of a server outside of PATH, in a folder for each version.
  {
    name: 'PostgreSQL',
    variable: 'INITDB_BIN',
    get candidates() {
      return [...debianInitdbs(), 'initdb'];
    },
    apt: 'postgresql',
  },
  {
    name: 'coturn',
    variable: 'TURNSERVER_BIN',
    candidates: ['/usr/bin/turnserver', 'turnserver'],
    apt: 'coturn',
  },
  { name: 'nginx', variable: 'NGINX_BIN', candidates: ['/usr/sbin/nginx', 'nginx'], apt: 'nginx-light' },
  { name: 'Caddy', variable: 'CADDY_BIN', candidates: ['/usr/bin/caddy', 'caddy'], apt: 'caddy' },
];

for (const { name, variable } of tools) {
  const set = process.env[variable];
  if (set && !isExecutable(set)) {
    console.error(
      `${variable} is ${set}, but that is not a program: set it to the path of ${name} or unset it`,
    );
    process.exit(1);
  }
}
let missing = tools.filter((tool) => find(tool) === null);
if (missing.length > 0 && isDebian() && process.getuid?.() === 0) {
  install(missing.map((tool) => tool.apt));
  missing = tools.filter((tool) => find(tool) === null);
}
for (const tool of tools) {
  const path = find(tool);
  if (path !== null) console.log(`${tool.name}: ${path}`);
}
if (missing.length > 0) {
  console.error(adviceFor(missing));
  process.exit(1);
}

function debianInitdbs() {
  const folder = '/usr/lib/postgresql';
  try {
    const versions = readdirSync(folder).sort((a, b) => Number(b) - Number(a));
    return versions.map((version) => join(folder, version, 'bin', 'initdb'));
  } catch {
    return [];
  }
}

/** The path of a tool: its variable first, then the usual places. Null when there is none. */
function find({ variable, candidates }) {
  if (process.env[variable]) return process.env[variable];
  for (const candidate of candidates) {
    const paths = isAbsolute(candidate)
      ? [candidate]
      : (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, candidate));
    const path = paths.find(isExecutable);
    if (path !== undefined) return path;
  }
  return null;
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Debian itself. Ubuntu's chromium and firefox packages only fetch snaps, which do not run in containers. */
function isDebian() {
  return osId() === 'debian';
}

function osId() {
  try {
    return /^ID="?([\w-]+)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? '';
  } catch {
    return '';
  }
}

function install(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
    console.log(`apt-get ${args.join(' ')}`);
    if (spawnSync('apt-get', args, { stdio: 'inherit', env }).status !== 0) return;
  }
}

function adviceFor(tools) {
  const names = tools.map((tool) => tool.name).join(', ');
  const variables = tools.map((tool) => `${tool.variable}=/path/to/it`).join(' ');
  const packages = tools.map((tool) => tool.apt).join(' ');
  const lines = [`Missing for the tests: ${names}.`];
  switch (osId()) {
    case 'debian':
      lines.push(`Install with: sudo apt-get update && sudo apt-get install -y ${packages}`);
      break;
    case 'ubuntu':
      lines.push(
        "On Ubuntu the chromium and firefox packages are snaps. Install the browser makers' own packages instead:",
        '  Chrome:  https://www.google.com/chrome/  (the .deb file), then CHROME_BIN=/usr/bin/google-chrome',
        '  Firefox: https://support.mozilla.org/kb/install-firefox-linux  (the APT repository), then FIREFOX_BIN=/usr/bin/firefox',
        '  ffmpeg, PostgreSQL, coturn:  sudo apt-get install -y ffmpeg postgresql coturn',
      );
      break;
    default:
      lines.push(`Install them with your system's package manager.`);
  }
  lines.push(`If they are somewhere else: ${variables}`);
  return lines.join('\n');
}
