// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { TlsOptions } from '@uid2-identity/client';

/** Which of the two products an identity belongs to. */
export type Scope = 'uid2' | 'euid';

export interface ScopeConfig {
  /** Name of the participant in the identity service's configuration. */
  readonly participant: string;
  /** Where the page sends its refreshes; without a path. */
  readonly operatorUrl: string;
  /** Where the page loads the SDK from; undefined: the bundle that the site serves itself. */
  readonly sdkUrl: string | undefined;
}

export interface Config {
  readonly listen: { readonly host: string; readonly port: number };
  /** The site's public origin; undefined: the loopback address that it listens on. */
  readonly url: string | undefined;
  /** Addresses of proxies whose X-Forwarded-For is believed. */
  readonly trustedProxies: string | undefined;
  readonly service: {
    readonly address: string;
    readonly tls: TlsOptions | undefined;
  };
  /** 32 bytes. Session cookies of another key are not readable. */
  readonly sessionKey: Buffer;
  readonly sessionKeyIsRandom: boolean;
  readonly sessionSeconds: number;
  readonly password: string;
  readonly loginsPerMinute: { readonly account: number; readonly address: number };
  readonly timeoutMs: { readonly login: number; readonly page: number };
  readonly uid2: ScopeConfig;
  /** undefined: no participant of scope EUID is configured, and the page says so. */
  readonly euid: ScopeConfig | undefined;
  /** A file that is served instead of the SDK from npm. */
  readonly sdkFile: string | undefined;
  readonly gptUrl: string | undefined;
  readonly secureSignalsUrl: string | undefined;
  readonly sso: SsoConfig;
}

/** Either the provider that comes with the site, or one that is known by its issuer. */
export type SsoConfig =
  | {
      readonly kind: 'own';
      readonly host: string;
      readonly port: number;
      /** Where browsers and the site reach it; undefined: the address that it listens on. */
      readonly url: string | undefined;
    }
  | {
      readonly kind: 'external';
      readonly issuer: string;
      readonly clientId: string;
      readonly clientSecret: string;
    };

/** All that is wrong with the configuration, one line a problem. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);
const isPublic = (host: string) => host !== '' && !LOOPBACK.has(host);

/** Reads the configuration from environment variables; README.md lists them. */
export function readConfig(env: Environment): Config {
  const problems: string[] = [];
  const text = (name: string): string | undefined => env[name]?.trim() || undefined;

  const integer = (name: string, fallback: number, min: number, max: number): number => {
    const value = text(name);
    if (value === undefined) return fallback;
    const number = /^\d+$/.test(value) ? Number(value) : NaN;
    if (number >= min && number <= max) return number;
    problems.push(`${name}: must be a whole number from ${min} to ${max}`);
    return fallback;
  };

  const listenAddress = (name: string, fallback: string) => {
    const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text(name) ?? fallback);
    const port = Number(match?.[3]);
    if (match && port <= 65535) return { host: match[1] ?? match[2] ?? '', port };
    problems.push(`${name}: must be HOST:PORT, such as ${fallback}`);
    return { host: '', port: 0 };
  };

  const url = (name: string): string | undefined => {
    const value = text(name);
    if (value === undefined) return undefined;
    const parsed = URL.canParse(value) ? new URL(value) : undefined;
    const secure =
      parsed?.protocol === 'https:' ||
      (parsed?.protocol === 'http:' && LOOPBACK.has(parsed.hostname.replace(/^\[|\]$/g, '')));
    if (parsed && secure) return value.replace(/\/+$/, '');
    problems.push(`${name}: must be an https:// URL (http:// on loopback only)`);
    return undefined;
  };

  const file = (name: string): string | undefined => {
    const path = text(name);
    if (path === undefined) return undefined;
    try {
      readFileSync(path);
    } catch {
      problems.push(`${name}: cannot read the file it names`);
    }
    return path;
  };

  const tls = () => {
    const ca = file('IDENTITY_SERVICE_CA');
    const certificate = file('IDENTITY_SERVICE_CERTIFICATE');
    const key = file('IDENTITY_SERVICE_KEY');
    if (!certificate !== !key) {
      problems.push('IDENTITY_SERVICE_CERTIFICATE and IDENTITY_SERVICE_KEY: set both or neither');
    }
    const serverName = text('IDENTITY_SERVICE_SERVER_NAME');
    if (certificate && !ca) problems.push('IDENTITY_SERVICE_CA: needed with a certificate');
    if (serverName && !ca) problems.push('IDENTITY_SERVICE_CA: needed with a server name');
    if (!ca) return undefined;
    return {
      caFile: ca,
      ...(certificate && key && { certificateFile: certificate, keyFile: key }),
      ...(serverName && { serverName }),
    };
  };

  const sessionKey = (): Buffer | undefined => {
    const value = text('SITE_SESSION_KEY');
    if (value === undefined) return undefined;
    const key = Buffer.from(value, 'base64');
    if (key.length === 32) return key;
    problems.push(
      'SITE_SESSION_KEY: must be base64 of 32 bytes; openssl rand -base64 32 makes one',
    );
    return undefined;
  };

  const euid = (): ScopeConfig | undefined => {
    const participant = text('EUID_PARTICIPANT');
    if (participant === undefined) return undefined;
    const operatorUrl = url('EUID_OPERATOR_URL') ?? 'https://prod.euid.eu';
    return { participant, operatorUrl, sdkUrl: url('EUID_SDK_URL') };
  };

  const sso = (): SsoConfig => {
    const issuer = url('SSO_ISSUER');
    if (text('SSO_ISSUER') === undefined) {
      const listen = listenAddress('SSO_LISTEN', '127.0.0.1:3001');
      const ownUrl = url('SSO_URL');
      if (isPublic(listen.host) && text('SSO_URL') === undefined) {
        problems.push('SSO_URL: set it to where browsers reach SSO_LISTEN');
      }
      return { kind: 'own', ...listen, url: ownUrl };
    }
    const clientId = text('SSO_CLIENT_ID');
    const clientSecret = text('SSO_CLIENT_SECRET');
    if (!clientId) problems.push('SSO_CLIENT_ID: needed with SSO_ISSUER');
    if (!clientSecret) problems.push('SSO_CLIENT_SECRET: needed with SSO_ISSUER');
    return {
      kind: 'external',
      issuer: issuer ?? '',
      clientId: clientId ?? '',
      clientSecret: clientSecret ?? '',
    };
  };

  const listen = listenAddress('SITE_LISTEN', '127.0.0.1:3000');
  const password = text('SITE_PASSWORD');
  if (isPublic(listen.host) && password === undefined) {
    problems.push('SITE_PASSWORD: set one; the password "demo" is for loopback only');
  }
  const siteUrl = url('SITE_URL');
  if (isPublic(listen.host) && text('SITE_URL') === undefined) {
    problems.push(
      "SITE_URL: set it to the site's public https:// address; only loopback needs none",
    );
  }
  const key = sessionKey();
  const config: Config = {
    listen,
    url: siteUrl,
    trustedProxies: text('SITE_TRUSTED_PROXIES'),
    service: { address: text('IDENTITY_SERVICE') ?? '127.0.0.1:50051', tls: tls() },
    sessionKey: key ?? randomBytes(32),
    sessionKeyIsRandom: key === undefined,
    sessionSeconds: integer('SITE_SESSION_SECONDS', 86_400, 1, 31_536_000),
    password: password ?? 'demo',
    loginsPerMinute: {
      account: integer('SITE_LOGINS_PER_ACCOUNT', 10, 1, 1_000_000),
      address: integer('SITE_LOGINS_PER_ADDRESS', 30, 1, 1_000_000),
    },
    timeoutMs: {
      login: integer('LOGIN_TIMEOUT_MS', 1_000, 100, 10_000),
      page: integer('PAGE_TIMEOUT_MS', 300, 100, 10_000),
    },
    uid2: {
      participant: text('UID2_PARTICIPANT') ?? 'publisher',
      operatorUrl: url('UID2_OPERATOR_URL') ?? 'https://prod.uidapi.com',
      sdkUrl: url('UID2_SDK_URL'),
    },
    euid: euid(),
    sdkFile: file('UID2_SDK_JS'),
    gptUrl: url('GPT_URL'),
    secureSignalsUrl: url('UID2_SECURE_SIGNALS_URL'),
    sso: sso(),
  };
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}
