// SPDX-License-Identifier: Apache-2.0
import { Metadata, type CallOptions as GrpcOptions, type ServiceError } from '@grpc/grpc-js';
import type { ClientUnaryCall } from '@grpc/grpc-js';
import type {
  CallOptions,
  GenerateOutcome,
  GenerateRequest,
  RefreshOutcome,
  RefreshRequest,
} from './calls.ts';
import type { Channel } from './channel.ts';
import { FollowedChannel } from './followed_channel.ts';
import type { HealthCheckResponse__Output } from './generated/grpc/health/v1/HealthCheckResponse.ts';
import { IdentityError, toIdentityError } from './identity_error.ts';
import { toGenerateOutcome, toRefreshOutcome } from './outcomes.ts';
import type { TlsOptions } from './tls_files.ts';

export type { TlsOptions };

const MAX_TIMEOUT_MS = 3_600_000;

export interface ClientOptions {
  /**
   * "HOST:PORT", or any gRPC target ("dns:///identity.web.svc:50051", "unix:/run/identity.sock").
   * Calls go to all of a name's addresses in turn: in Kubernetes name a headless service, as one
   * with an address of its own sends all calls of one connection to one replica.
   */
  readonly address: string;
  /** `{}` for TLS with the system's certificate authorities. Default: in the clear. */
  readonly tls?: TlsOptions;
  /**
   * For each call, with all attempts at it. Default: 5,000, as long as the service itself takes
   * at most. A page that would rather show without an identity gives less; under half a second a
   * slow operator looks like a broken one.
   */
  readonly timeoutMs?: number;
  /** How often the files of `tls` are looked at. Default: 5,000. */
  readonly filesCheckMs?: number;
}

type Start<Response> = (
  channel: Channel,
  metadata: Metadata,
  options: GrpcOptions,
  done: (error: ServiceError | null, response?: Response) => void,
) => ClientUnaryCall;

/**
 * The identity service, for Node.js web tiers. Keep one for the life of the process: it holds the
 * connections. Both methods may be repeated safely.
 */
export class IdentityClient {
  readonly #channel: FollowedChannel;
  readonly #timeoutMs: number;
  readonly #tls: TlsOptions | undefined;

  /** Connects at the first call. Throws where an option makes no sense or a file cannot be used. */
  constructor({ address, tls, timeoutMs = 5000, filesCheckMs = 5000 }: ClientOptions) {
    if (address === '') throw new TypeError('address is empty: give HOST:PORT');
    this.#tls = tls;
    this.#timeoutMs = checkedTime('timeoutMs', timeoutMs);
    this.#channel = new FollowedChannel(address, tls, checkedTime('filesCheckMs', filesCheckMs));
  }

  /**
   * Issues an identity for a user who has just logged in or given consent.
   *
   * Rejects with an IdentityError, or with the reason of an aborted signal.
   */
  async generateIdentity(
    request: GenerateRequest,
    options: CallOptions = {},
  ): Promise<GenerateOutcome> {
    return toGenerateOutcome(
      await this.#call(options, ({ identity }, ...more) =>
        identity.generateIdentity(request, ...more),
      ),
    );
  }

  /**
   * Brings an identity up to date. Cheap to call on each page view: while the identity is fresh
   * the service answers NOT_DUE without a call to the operator. Not for a user who has withdrawn
   * consent: the operator checks none at refresh.
   *
   * Rejects with an IdentityError, or with the reason of an aborted signal.
   */
  async refreshIdentity(
    request: RefreshRequest,
    options: CallOptions = {},
  ): Promise<RefreshOutcome> {
    return toRefreshOutcome(
      await this.#call(options, ({ identity }, ...more) =>
        identity.refreshIdentity(request, ...more),
      ),
    );
  }

  /** Resolves where the service takes calls; rejects with UNAVAILABLE where it does not. */
  async checkHealth(options: CallOptions = {}): Promise<void> {
    const service = 'uid2.identity.v1.IdentityService';
    const { status } = await this.#call<HealthCheckResponse__Output>(
      options,
      ({ health }, ...more) => health.check({ service }, ...more),
    );
    if (status !== 'SERVING') {
      throw new IdentityError(
        'UNAVAILABLE',
        'the service answers and takes no calls: it is starting or draining',
      );
    }
  }

  /** Calls in flight run to their end; later ones fail. */
  close(): void {
    this.#channel.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #call<Response>(options: CallOptions, start: Start<Response>): Promise<Response> {
    const { timeoutMs = this.#timeoutMs, signal, traceparent } = options;
    checkedTime('timeoutMs', timeoutMs);
    signal?.throwIfAborted();
    const metadata = new Metadata();
    if (traceparent !== undefined) metadata.set('traceparent', traceparent);
    const deadline = Date.now() + timeoutMs;
    return this.#channel.current.use(
      (channel) =>
        new Promise<Response>((resolve, reject) => {
          const call = start(channel, metadata, { deadline }, (error, response) => {
            signal?.removeEventListener('abort', abort);
            if (response !== undefined) resolve(response);
            // gRPC gives an error where it gives no response.
            else reject(toIdentityError(error as ServiceError, this.#tls));
          });
          const abort = () => {
            call.cancel();
            // Whatever the caller gave, as fetch() does.
            // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
            reject(signal?.reason);
          };
          signal?.addEventListener('abort', abort, { once: true });
        }),
    );
  }
}

function checkedTime(name: string, milliseconds: number): number {
  if (milliseconds > 0 && milliseconds <= MAX_TIMEOUT_MS) return milliseconds;
  throw new RangeError(`${name} must be more than 0 and at most ${MAX_TIMEOUT_MS} milliseconds`);
}
