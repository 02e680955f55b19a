import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const repository = join(import.meta.dirname, '../../..');

// startProgram builds the program and serves with a database of its own. It returns the origin it serves at, and a function
// that stops it and removes what it made.
export async function startProgram() {
  const directory = mkdtempSync(join(tmpdir(), 'structural-docs-'));
  chmodSync(directory, 0o755); // PostgreSQL runs as another user when the test runs as root
  const binary = join(directory, 'structural');
  execFileSync('go', ['build', '-o', binary, './cmd/structural'], { cwd: repository, stdio: 'inherit' });

  const { DATABASE_URL, REDIS_URL, ...environment } = process.env;
  const program = spawn(binary, ['serve'], {
    env: { ...environment, ADDR: '127.0.0.1:0', DATA_DIR: join(directory, 'data'), LOG_FORMAT: 'json' },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const ended = new Promise((resolve) => program.once('exit', resolve));
  const stop = async () => {
    program.kill('SIGTERM');
    await ended;
    rmSync(directory, { recursive: true });
  };

  const log = [];
  const serving = new Promise((resolve, reject) => {
    createInterface({ input: program.stderr })
      .on('line', (line) => {
        log.push(line);
        const { msg, url } = line.startsWith('{') ? JSON.parse(line) : {};
        if (msg === 'serving') resolve(new URL(url).origin);
      })
      .on('close', () => reject(new Error(`the program does not serve:\n${log.join('\n')}`)));
  });
  try {
    return { origin: await serving, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
