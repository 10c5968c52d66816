// SPDX-License-Identifier: Apache-2.0
import * as oidc from 'openid-client';
import type { Claims } from './claims.ts';

export interface SsoSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
}

/** What has to be remembered in the session between the two halves of a login. */
export interface SsoStart {
  readonly codeVerifier: string;
  readonly state: string;
  readonly nonce: string;
}

const TIMEOUT_SECONDS = 5;

/** Logs users in at an OpenID provider. */
export class SingleSignOn {
  readonly #settings: Promise<SsoSettings>;
  #provider: Promise<oidc.Configuration> | undefined;

  /** Nothing is fetched before the first login. */
  constructor(settings: Promise<SsoSettings>) {
    this.#settings = settings;
  }

  /** Rejects where the provider does not answer. */
  async start(): Promise<SsoStart & { readonly url: URL }> {
    const provider = await this.#discovered();
    const { redirectUri } = await this.#settings;
    const codeVerifier = oidc.randomPKCECodeVerifier();
    const state = oidc.randomState();
    const nonce = oidc.randomNonce();
    const url = oidc.buildAuthorizationUrl(provider, {
      redirect_uri: redirectUri,
      scope: 'openid profile email phone',
      code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
    return { codeVerifier, state, nonce, url };
  }

  /**
   * The claims of the ID token and of UserInfo, and who says so. `query` is that of the redirect
   * back. Rejects where anything about them is not right: issuer, audience, expiry, nonce, state,
   * signature, subject.
   */
  async finish(query: string, start: SsoStart): Promise<{ claims: Claims; issuer: string }> {
    const provider = await this.#discovered();
    const { redirectUri, issuer } = await this.#settings;
    // snippet: sso
    const tokens = await oidc.authorizationCodeGrant(provider, new URL(query, redirectUri), {
      pkceCodeVerifier: start.codeVerifier,
      expectedState: start.state,
      expectedNonce: start.nonce,
      idTokenExpected: true,
    });
    const idToken = tokens.claims();
    // With the code flow the email may come from UserInfo only, for the same subject.
    const userInfo = await oidc.fetchUserInfo(provider, tokens.access_token, idToken?.sub ?? '');
    // end snippet
    return { claims: { ...idToken, ...userInfo }, issuer };
  }

  #discovered(): Promise<oidc.Configuration> {
    this.#provider ??= this.#discover();
    return this.#provider;
  }

  async #discover(): Promise<oidc.Configuration> {
    try {
      const { issuer, clientId, clientSecret } = await this.#settings;
      const url = new URL(issuer);
      return await oidc.discovery(url, clientId, clientSecret, undefined, {
        timeout: TIMEOUT_SECONDS,
        // The configuration allows http:// on loopback only.
        ...(url.protocol === 'http:' && { execute: [oidc.allowInsecureRequests] }),
      });
    } catch (error) {
      this.#provider = undefined;
      throw error;
    }
  }
}
