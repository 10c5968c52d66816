// SPDX-License-Identifier: Apache-2.0
// The package as others get it: packed, and installed into an empty project.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { temporaryFolder } from './support/folder.ts';
import { ScriptedServer } from './support/scripted_server.ts';
import { identityJson } from './support/identities.ts';

const PACKAGE = join(import.meta.dirname, '..');
const TSC = join(PACKAGE, '../node_modules/typescript/bin/tsc');
const TYPES = join(PACKAGE, '../node_modules/@types');
const README = readFileSync(join(PACKAGE, 'README.md'), 'utf8');

function npm(folder: string, ...args: string[]): string {
  return execFileSync('npm', args, {
    cwd: folder,
    encoding: 'utf8',
    // A cache of its own: a home directory may be missing.
    env: { ...process.env, npm_config_cache: join(tmpdir(), 'identity-client-npm') },
    // What npm says goes into the error, if it fails.
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** The package and all that it needs, packed into `folder`, so that no registry is asked. */
function packInto(folder: string): string[] {
  const listed = npm(PACKAGE, 'ls', '--all', '--parseable', '--omit=dev');
  const needed = listed.split('\n').filter((path) => /node_modules\/(?!@uid2-identity)/.test(path));
  npm(PACKAGE, 'pack', '--silent', `--pack-destination=${folder}`, PACKAGE, ...new Set(needed));
  return readdirSync(folder).map((name) => join(folder, name));
}

suite('installed into an empty project', () => {
  const ends: (() => void)[] = [];
  const folder = temporaryFolder({ after: (end) => void ends.push(end as () => void) });
  const project = join(folder, 'project');
  let server: ScriptedServer;

  before(async () => {
    const packed = join(folder, 'packed');
    for (const each of [packed, project]) mkdirSync(each);
    writeFileSync(join(project, 'package.json'), '{"private": true}');
    npm(project, 'install', '--offline', '--no-audit', '--no-fund', ...packInto(packed));
    server = await ScriptedServer.start();
    const json = identityJson();
    server.generate = (_, answer) => answer(null, { outcome: 'ISSUED', identity: { json } });
    server.refresh = ({ request }, answer) => {
      assert.equal(request.identityJson, json);
      answer(null, { outcome: 'NOT_DUE', identity: { json } });
    };
  });

  after(() => {
    server.kill();
    for (const end of ends) end();
  });

  /** Runs a program of the project to its end, while the server answers. */
  async function run(name: string, text: string): Promise<string> {
    writeFileSync(join(project, name), text);
    const { promise, resolve } = Promise.withResolvers<string>();
    const program = spawn(process.execPath, [name], {
      cwd: project,
      env: { IDENTITY_SERVICE: server.address },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [program.stdout, program.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
    }
    program.once('close', () => resolve(output));
    return promise;
  }

  const examples = [...README.matchAll(/```js\n(.*?)```/gs)].map(([, text]) => text ?? '');
  const example = examples[0] ?? '';

  test('the lines of the README run as an ES module', async () => {
    assert.equal(await run('example.mjs', example), 'NOT_DUE\n');
  });

  test('the same lines run as CommonJS', async () => {
    const required = example.replace(/import (.*) from (.*);/, 'const $1 = require($2);');
    assert.match(required, /require\('@uid2-identity\/client'\)/);
    const wrapped = required.replace(/\n\nconst user/, '\n(async () => {\nconst user');
    assert.equal(await run('example.cjs', `${wrapped}})();`), 'NOT_DUE\n');
  });

  test('the lines for the page and the session run', async () => {
    const [, , lines = ''] = examples;
    const given = `
      const json = ${JSON.stringify(identityJson())}, key = new Uint8Array(32).fill(7);
      const response = { appendHeader: (name, value) => console.log(name, value.split('=')[0]) };`;
    const shown =
      'console.log(opened === json, JSON.parse(record).status, entry.name, eids.length);';
    assert.equal(
      await run('page.mjs', `${given}\n${lines}\n${shown}`),
      'Set-Cookie __uid_2\nSet-Cookie __uid_2\ntrue optout uid2 1\n',
    );
  });

  test('its types hold for both, and an outcome that is forgotten does not compile', () => {
    const complete = `
      import { IdentityClient, type RefreshOutcome } from '@uid2-identity/client';
      export function token(refreshed: RefreshOutcome): string | null {
        switch (refreshed.outcome) {
          case 'REFRESHED':
          case 'NOT_DUE':
          case 'KEPT':
            return refreshed.identity.advertisingToken;
          case 'OPTED_OUT':
          case 'LOGIN_REQUIRED':
            return null;
        }
      }
      export const client = new IdentityClient({ address: 'a:1' });
      void client.generateIdentity({ email: 'e' }).then(({ outcome }) => outcome === 'ISSUED');`;
    const programs = {
      complete,
      forgetful: complete.replace("case 'LOGIN_REQUIRED':", ''),
      ambiguous: complete.replace("email: 'e'", "email: 'e', phone: 'p'"),
    };
    for (const [name, text] of Object.entries(programs)) {
      for (const kind of ['mts', 'cts']) writeFileSync(join(project, `${name}.${kind}`), text);
    }
    assert.deepEqual(complaints(project, Object.keys(programs)), [
      'ambiguous.cts: TS2345',
      'ambiguous.mts: TS2345',
      'forgetful.cts: TS2366',
      'forgetful.mts: TS2366',
    ]);
  });

  test('it holds what runs and nothing else', () => {
    const installed = join(project, 'node_modules/@uid2-identity/client');
    assert.deepEqual(readdirSync(installed).sort(), ['README.md', 'dist', 'package.json']);
    const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((name) => /\.(js|ts)$/.test(name))) {
      const text = readFileSync(join(installed, file), 'utf8');
      assert.doesNotMatch(text, new RegExp(PACKAGE), `${file} names the machine that built it`);
    }
  });
});

/** What the compiler complains about in these programs, of both kinds. */
function complaints(project: string, programs: readonly string[]): string[] {
  const options = ['--strict', '--noEmit', '--module', 'nodenext', '--lib', 'es2022'];
  const types = ['--typeRoots', TYPES, '--types', 'node', '--skipLibCheck'];
  const files = programs.flatMap((name) => [`${name}.mts`, `${name}.cts`]);
  const { stdout } = spawnSync(process.execPath, [TSC, ...options, ...types, ...files], {
    cwd: project,
    encoding: 'utf8',
  });
  return [...stdout.matchAll(/^(\w+\.[cm]ts)\(.*?error (TS\d+)/gm)]
    .map(([, file, error]) => `${file}: ${error}`)
    .sort();
}
