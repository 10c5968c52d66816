// SPDX-License-Identifier: Apache-2.0
import { loadPackageDefinition } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { descriptor } from './generated/descriptor.ts';
import type { ProtoGrpcType as Details } from './generated/error_details.ts';
import type { ProtoGrpcType as Health } from './generated/health.ts';
import type { ProtoGrpcType as Identity } from './generated/identity_service.ts';
import type { Status__Output } from './generated/google/rpc/Status.ts';

// The options are those of generate.ts. json: a detail of an error is unpacked from its Any.
const definitions = fromJSON(descriptor, {
  longs: Number,
  enums: String,
  defaults: true,
  json: true,
});

export const services = loadPackageDefinition(definitions) as unknown as Details &
  Health &
  Identity;

/** Throws where the bytes are no google.rpc.Status. */
export function parseStatus(bytes: Buffer): Status__Output {
  const type = definitions['google.rpc.Status'] as unknown as {
    deserialize: (bytes: Buffer) => Status__Output;
  };
  return type.deserialize(bytes);
}
