// SPDX-License-Identifier: Apache-2.0

// Calls replicas at a steady rate, and prints the code of each call. Ends with stdin.
//
//   node steady.mjs HOST:PORT,HOST:PORT... SERVICE_CONFIG PROTO_FOLDER
//
// The config is JSON, or empty for none.

import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';

const DEADLINE_MS = 10_000;
const INTERVAL_MS = 20;

const [addresses, serviceConfig, protoFolder] = process.argv.slice(2);
const definitions = protoLoader.loadSync('uid2/identity/v1/identity_service.proto', {
  includeDirs: [protoFolder],
});
const { uid2 } = grpc.loadPackageDefinition(definitions);
const target = addresses.includes(',') ? `ipv4:${addresses}` : addresses;
const options = serviceConfig ? { 'grpc.service_config': serviceConfig } : {};
const service = new uid2.identity.v1.IdentityService(
  target,
  grpc.credentials.createInsecure(),
  options,
);

let inFlight = 0;
let ending = false;

function closeIfOver() {
  if (ending && inFlight === 0) service.close();
}

const calls = setInterval(() => {
  inFlight += 1;
  const deadline = new Date(Date.now() + DEADLINE_MS);
  service.generateIdentity({ email: 'user@example.com' }, { deadline }, (error) => {
    console.log(error ? error.code : grpc.status.OK);
    inFlight -= 1;
    closeIfOver();
  });
}, INTERVAL_MS);

process.stdin.resume();
process.stdin.on('end', () => {
  ending = true;
  clearInterval(calls);
  closeIfOver();
});
