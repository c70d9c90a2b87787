/** A PostgreSQL of the test's own: in a temporary folder, on loopback, gone at the end. */
import { execFile, execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PACKAGES = '/usr/lib/postgresql';
const PASSWORD = 'only-for-this-test';

export interface PostgresCluster {
  /** Of a new, empty database. */
  createDatabase(): Promise<string>;
  stop(): void;
}

/** Throws a clear line when PostgreSQL is not installed. */
export async function startCluster(): Promise<PostgresCluster> {
  const bin = findBinaries();
  const user = serverUser();
  const folder = mkdtempSync(join(tmpdir(), 'sluss-postgres-'));
  const data = join(folder, 'data');
  const options = { ...user, cwd: folder };
  const stop = (): void => {
    process.removeListener('exit', stop);
    if (existsSync(join(data, 'postmaster.pid'))) {
      execFileSync(join(bin, 'pg_ctl'), ['stop', '-D', data, '-m', 'immediate', '-s'], options);
    }
    rmSync(folder, { recursive: true, force: true });
  };
  process.on('exit', stop);
  try {
    writeFileSync(join(folder, 'password'), PASSWORD);
    if (user.uid !== undefined)
      for (const path of [folder, join(folder, 'password')]) chownSync(path, user.uid, user.gid);
    await run(
      join(bin, 'initdb'),
      [
        '-D',
        data,
        '-U',
        'tester',
        '-A',
        'scram-sha-256',
        '--pwfile',
        join(folder, 'password'),
        '-E',
        'UTF8',
        '-N',
      ],
      options,
    );
    const port = await freePort();
    const settings = `-c listen_addresses=127.0.0.1 -c port=${port} -c unix_socket_directories=`;
    await run(
      join(bin, 'pg_ctl'),
      ['start', '-D', data, '-w', '-t', '60', '-s', '-l', join(folder, 'log'), '-o', settings],
      options,
    );
    const urlOf = (database: string): string => `postgres://tester:${PASSWORD}@127.0.0.1:${port}/${database}`;
    let databases = 0;
    return {
      stop,
      createDatabase: async () => {
        const name = `meeting${++databases}`;
        await run(join(bin, 'psql'), ['-q', urlOf('postgres'), '-c', `create database ${name}`], options);
        return urlOf(name);
      },
    };
  } catch (error) {
    stop();
    throw error;
  }
}

function findBinaries(): string {
  const versions = existsSync(PACKAGES) ? readdirSync(PACKAGES) : [];
  const folders = versions
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(PACKAGES, version, 'bin'));
  const bin = folders.find((folder) => existsSync(join(folder, 'initdb')));
  if (bin === undefined) {
    throw new Error(`PostgreSQL is not in ${PACKAGES}: install it with "apt-get install postgresql"`);
  }
  return bin;
}

/** PostgreSQL refuses to run as root; Debian's package brings a user. */
function serverUser(): { uid?: number; gid: number } {
  if (process.getuid?.() !== 0) return { gid: process.getgid?.() ?? 0 };
  const idOf = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
