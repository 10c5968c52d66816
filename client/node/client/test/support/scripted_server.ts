// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import type { GenerateIdentityRequest__Output } from '../../src/generated/uid2/identity/v1/GenerateIdentityRequest.ts';
import type { GenerateIdentityResponse } from '../../src/generated/uid2/identity/v1/GenerateIdentityResponse.ts';
import type { RefreshIdentityRequest__Output } from '../../src/generated/uid2/identity/v1/RefreshIdentityRequest.ts';
import type { RefreshIdentityResponse } from '../../src/generated/uid2/identity/v1/RefreshIdentityResponse.ts';
import { services } from '../../src/service_definitions.ts';

type Handler<Request, Response> = (
  call: ServerUnaryCall<Request, Response>,
  answer: sendUnaryData<Response>,
) => void;

export type Generate = Handler<GenerateIdentityRequest__Output, GenerateIdentityResponse>;
export type Refresh = Handler<RefreshIdentityRequest__Output, RefreshIdentityResponse>;

/** A gRPC server that answers what the test says: for what the real one cannot be made to do. */
export class ScriptedServer {
  /** Answered to each call; to be replaced. */
  generate: Generate = (_, answer) => answer(null, { outcome: 'OPTED_OUT' });
  refresh: Refresh = (_, answer) => answer(null, { outcome: 'LOGIN_REQUIRED' });
  /** Calls of either method that have arrived. */
  calls = 0;
  readonly #server = new Server();
  #port = 0;

  static async start(
    credentials: ServerCredentials = ServerCredentials.createInsecure(),
    port = 0,
  ): Promise<ScriptedServer> {
    const scripted = new ScriptedServer();
    const server = scripted.#server;
    server.addService(services.uid2.identity.v1.IdentityService.service, {
      generateIdentity: ((call, answer) => {
        ++scripted.calls;
        scripted.generate(call, answer);
      }) satisfies Generate,
      refreshIdentity: ((call, answer) => {
        ++scripted.calls;
        scripted.refresh(call, answer);
      }) satisfies Refresh,
    });
    scripted.#port = await new Promise((resolve, reject) => {
      server.bindAsync(`127.0.0.1:${port}`, credentials, (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
    return scripted;
  }

  get port(): number {
    return this.#port;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** Cuts every call and connection. */
  kill(): void {
    this.#server.forceShutdown();
  }
}

/** Resolves when the call that it is given to has been cancelled. */
export async function cancelled(call: ServerUnaryCall<unknown, unknown>): Promise<void> {
  if (!call.cancelled) await once(call, 'cancelled');
}
