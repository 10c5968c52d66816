// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from 'node:fs';
import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';

const DEADLINE_MS = 1000;
const [address, email, protoFolder, ...files] = process.argv.slice(2);

const definitions = protoLoader.loadSync(
  [
    'uid2/identity/v1/identity_service.proto',
    'google/rpc/status.proto',
    'google/rpc/error_details.proto',
  ],
  { includeDirs: [protoFolder], keepCase: true, enums: String, longs: String },
);
const { uid2 } = grpc.loadPackageDefinition(definitions);

// The authority of the server's certificate, and this client's certificate and key: PEM files,
// which are read once.
function mutualTls(ca, certificate, key) {
  return grpc.credentials.createSsl(readFileSync(ca), readFileSync(key), readFileSync(certificate));
}

const credentials = files.length > 0 ? mutualTls(...files) : grpc.credentials.createInsecure();
// A web tier shares one for the whole process.
const service = new uid2.identity.v1.IdentityService(address, credentials);

function call(method, request) {
  return new Promise((resolve, reject) => {
    const deadline = new Date(Date.now() + DEADLINE_MS);
    service[method](request, { deadline }, (error, response) =>
      error ? reject(error) : resolve(response),
    );
  });
}

// The reason, the fields at fault and the milliseconds to wait, if the error has them.
function reasons(error) {
  const [bytes] = error.metadata?.get('grpc-status-details-bin') ?? [];
  if (!bytes) return []; // The call never reached the service.
  const { details } = definitions['google.rpc.Status'].deserialize(bytes);
  return details.flatMap(({ type_url, value }) => {
    const name = type_url.split('/').pop();
    const detail = definitions[name]?.deserialize(value);
    switch (name) {
      case 'google.rpc.ErrorInfo':
        return detail.reason;
      case 'google.rpc.BadRequest':
        return detail.field_violations.map(({ field }) => field);
      case 'google.rpc.RetryInfo': {
        const { seconds, nanos } = detail.retry_delay;
        return `retry in ${Number(seconds) * 1000 + nanos / 1e6} ms`;
      }
      default:
        return [];
    }
  });
}

try {
  const { outcome, identity } = await call('GenerateIdentity', { email });
  if (outcome === 'ISSUED') {
    // identity.refresh_from is a string here; in identity.json it is a number.
    console.log(identity.json);
    const refreshed = await call('RefreshIdentity', { identity_json: identity.json });
    console.log(refreshed.outcome);
  } else {
    console.log(outcome);
  }
} catch (error) {
  console.error(grpc.status[error.code], ...reasons(error));
  process.exitCode = 1;
}
service.close();
