// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConfigError, readConfig } from '../config.ts';

const problems = (env: Record<string, string>): readonly string[] => {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

describe('readConfig', () => {
  test('has a default for everything', () => {
    const config = readConfig({});
    assert.deepEqual(config.listen, { host: '127.0.0.1', port: 3000 });
    assert.equal(config.sessionKey.length, 32);
    assert.ok(config.sessionKeyIsRandom);
    assert.equal(config.euid, undefined);
  });

  test('takes the files and the name for mTLS', () => {
    const file = import.meta.filename;
    const config = readConfig({
      IDENTITY_SERVICE_CA: file,
      IDENTITY_SERVICE_CERTIFICATE: file,
      IDENTITY_SERVICE_KEY: file,
      IDENTITY_SERVICE_SERVER_NAME: 'identity.test',
    });
    assert.deepEqual(config.service.tls, {
      caFile: file,
      certificateFile: file,
      keyFile: file,
      serverName: 'identity.test',
    });
  });

  test('takes the address at which browsers reach a provider that listens on all', () => {
    const { sso } = readConfig({ SSO_LISTEN: '0.0.0.0:3001', SSO_URL: 'http://127.0.0.1:3001/' });
    assert.deepEqual(sso, {
      kind: 'own',
      host: '0.0.0.0',
      port: 3001,
      url: 'http://127.0.0.1:3001',
    });
  });

  const wrong: [env: Record<string, string>, problem: RegExp][] = [
    [{ SITE_LISTEN: '3000' }, /^SITE_LISTEN: must be HOST:PORT/],
    [{ SITE_LISTEN: '127.0.0.1:70000' }, /^SITE_LISTEN:/],
    [{ SITE_SESSION_KEY: 'c2hvcnQ=' }, /^SITE_SESSION_KEY: must be base64 of 32 bytes/],
    [{ SITE_SESSION_SECONDS: '0' }, /^SITE_SESSION_SECONDS: must be a whole number/],
    [{ SITE_LOGINS_PER_ADDRESS: '1.5' }, /^SITE_LOGINS_PER_ADDRESS:/],
    [{ UID2_OPERATOR_URL: 'http://operator.example' }, /^UID2_OPERATOR_URL: must be an https/],
    [{ UID2_SDK_URL: 'cdn.example/sdk.js' }, /^UID2_SDK_URL:/],
    [{ UID2_SDK_JS: '/no/such/file.js' }, /^UID2_SDK_JS: cannot read/],
    [{ SSO_LISTEN: '0.0.0.0:3001' }, /^SSO_URL: set it to where browsers reach SSO_LISTEN/],
    [{ SSO_ISSUER: 'https://id.example' }, /^SSO_CLIENT_ID: needed with SSO_ISSUER/],
    [{ IDENTITY_SERVICE_CERTIFICATE: import.meta.filename }, /set both or neither/],
    [{ IDENTITY_SERVICE_SERVER_NAME: 'identity.test' }, /^IDENTITY_SERVICE_CA: needed with/],
    [{ SITE_LISTEN: '0.0.0.0:80', SITE_URL: 'https://a.example' }, /^SITE_PASSWORD: set one/],
    [{ SITE_LISTEN: '0.0.0.0:80', SITE_PASSWORD: 'x' }, /^SITE_URL: set it/],
  ];
  for (const [env, problem] of wrong) {
    test(`refuses ${JSON.stringify(env)}`, () => assert.match(problems(env)[0] ?? '', problem));
  }

  test('says all that is wrong at once', () => {
    assert.equal(
      problems({
        SITE_LISTEN: 'x',
        SITE_SESSION_SECONDS: 'x',
        EUID_PARTICIPANT: 'e',
        EUID_OPERATOR_URL: 'x',
      }).length,
      3,
    );
  });

  test('never repeats a secret', () => {
    assert.ok(!problems({ SITE_SESSION_KEY: 'secret-value' }).join().includes('secret-value'));
  });
});
