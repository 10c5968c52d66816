// SPDX-License-Identifier: Apache-2.0
import { credentials, type ChannelOptions } from '@grpc/grpc-js';
import { services } from './service_definitions.ts';
import type { TlsFiles } from './tls_files.ts';

// What another replica, or a moment later, may do better is repeated: the service answers
// UNAVAILABLE for it, and gRPC's own server CANCELLED for a call that arrives while it shuts down.
// A call that the caller cancels is over at once, and none goes past its deadline. A failure costs
// one of ten tokens, a success gives a tenth back, and below five nothing is repeated.
const SERVICE_CONFIG = {
  loadBalancingConfig: [{ round_robin: {} }],
  methodConfig: [
    {
      name: [{ service: 'uid2.identity.v1.IdentityService' }],
      retryPolicy: {
        maxAttempts: 3,
        initialBackoff: '0.05s',
        maxBackoff: '1s',
        backoffMultiplier: 4,
        retryableStatusCodes: ['UNAVAILABLE', 'CANCELLED'],
      },
    },
  ],
  retryThrottling: { maxTokens: 10, tokenRatio: 0.1 },
};

const OPTIONS: ChannelOptions = {
  'grpc.service_config': JSON.stringify(SERVICE_CONFIG),
  // A TXT record of the service's name must not decide how it is called.
  'grpc.service_config_disable_resolution': 1,
  'grpc.enable_http_proxy': 0,
  // A peer that is gone without a word is noticed by a ping: with the first call after this time,
  // and then as often while calls are in flight. gRPC's servers refuse clients that ping more
  // than twice between two answers, and every call ends within 5 s.
  'grpc.keepalive_time_ms': 5000,
  'grpc.keepalive_timeout_ms': 2000,
  // A replica that was restarted is used again after a second or so, and those that replaced it
  // are found; gRPC's own limits are two minutes and half a minute.
  'grpc.initial_reconnect_backoff_ms': 200,
  'grpc.max_reconnect_backoff_ms': 5000,
  'grpc.dns_min_time_between_resolutions_ms': 5000,
  // A channel that replaces another has connections of its own.
  'grpc.use_local_subchannel_pool': 1,
};

const HAS_SCHEME = /^(?:dns|ipv4|ipv6|unix|unix-abstract|xds):|:\//;

type IdentityStub = InstanceType<typeof services.uid2.identity.v1.IdentityService>;
type HealthStub = InstanceType<typeof services.grpc.health.v1.Health>;

/** Connections to the service. Closes itself once it has been retired and its last call ended. */
export class Channel {
  readonly identity: IdentityStub;
  readonly health: HealthStub;
  #calls = 0;
  #isRetired = false;

  /** Nothing connects before the first call. */
  constructor(address: string, tls: TlsFiles | undefined, serverName: string | undefined) {
    // A name is looked up, and calls go to all of its addresses in turn.
    const target = HAS_SCHEME.test(address) ? address : `dns:///${address}`;
    const channelCredentials = tls?.toCredentials() ?? credentials.createInsecure();
    this.identity = new services.uid2.identity.v1.IdentityService(target, channelCredentials, {
      ...OPTIONS,
      ...(serverName !== undefined && { 'grpc.ssl_target_name_override': serverName }),
    });
    this.health = new services.grpc.health.v1.Health(target, channelCredentials, {
      channelOverride: this.identity.getChannel(),
    });
  }

  /** `call` runs to its end, even where the channel is retired meanwhile. */
  async use<Result>(call: (channel: this) => Promise<Result>): Promise<Result> {
    ++this.#calls;
    try {
      return await call(this);
    } finally {
      --this.#calls;
      this.#closeIfDone();
    }
  }

  retire(): void {
    this.#isRetired = true;
    this.#closeIfDone();
  }

  #closeIfDone(): void {
    if (this.#isRetired && this.#calls === 0) this.identity.close();
  }
}
