import { readFileSync } from 'node:fs';
import * as grpc from '@grpc/grpc-js';
import * as protoLoader from '@grpc/proto-loader';
import type { Config } from './config.ts';

/** What a user is known by; exactly one of the two. */
export type Dii = { readonly email: string } | { readonly phone: string };

export type Generated =
  | { readonly outcome: 'ISSUED'; readonly identity: { readonly json: string } }
  | { readonly outcome: 'OPTED_OUT' | 'INSUFFICIENT_CONSENT' };

export type Refreshed =
  | { readonly outcome: 'REFRESHED' | 'NOT_DUE'; readonly identity: { readonly json: string } }
  | { readonly outcome: 'KEPT'; readonly identity: { readonly json: string }; readonly keptReason: string }
  | { readonly outcome: 'OPTED_OUT' | 'LOGIN_REQUIRED' };

export class IdentityServiceError extends Error {
  readonly reason: string;
  readonly code: string;
  constructor(reason: string, code: string) {
    super(reason);
    this.reason = reason;
    this.code = code;
  }
}

type Reply = { outcome: string; identity?: { json: string }; kept_reason: string };

/** The identity service, as this site uses it. */
export class IdentityService {
  readonly #stub: any;
  constructor(config: Config) {
    const proto = new URL('../../../proto', import.meta.url).pathname;
    const definitions = protoLoader.loadSync(['uid2/identity/v1/identity_service.proto'], {
      includeDirs: [proto], keepCase: true, enums: String, longs: String,
    });
    const { uid2 } = grpc.loadPackageDefinition(definitions) as any;
    const tls = config.service.tls;
    this.#stub = new uid2.identity.v1.IdentityService(
      config.service.address,
      tls ? grpc.credentials.createSsl(readFileSync(tls.ca)) : grpc.credentials.createInsecure(),
    );
  }
  #call(method: string, request: object, deadlineMs: number): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#stub[method](request, { deadline: Date.now() + deadlineMs }, (error: grpc.ServiceError | null, reply: Reply) => {
        if (!error) return resolve(reply);
        const text = error.metadata?.get('grpc-status-details-bin')?.[0]?.toString('latin1') ?? '';
        const reason = /[A-Z0-9_]{6,}/.exec(text)?.[0] ?? 'SERVICE_UNREACHABLE';
        reject(new IdentityServiceError(reason, grpc.status[error.code] ?? ''));
      });
    });
  }
  async generate(request: Dii & { participant: string; tcfConsentString?: string }, deadlineMs: number): Promise<Generated> {
    const { tcfConsentString, ...rest } = request;
    return (await this.#call('GenerateIdentity', { ...rest, tcf_consent_string: tcfConsentString ?? '' }, deadlineMs)) as Generated;
  }
  async refresh(request: { identityJson: string; participant: string; force?: boolean }, deadlineMs: number): Promise<Refreshed> {
    const reply = await this.#call('RefreshIdentity', { identity_json: request.identityJson, participant: request.participant, force: request.force ?? false }, deadlineMs);
    return { ...reply, keptReason: reply.kept_reason } as unknown as Refreshed;
  }
  close(): void { this.#stub.close(); }
}
