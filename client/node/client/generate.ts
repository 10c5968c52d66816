// SPDX-License-Identifier: Apache-2.0
// Makes src/generated of the repository's .proto files: the messages' types, and their descriptor
// as a module, so that a program that was bundled into one file needs no .proto files beside it.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import protobuf from 'protobufjs';

// Relative, since the generated files name it.
const protoFolder = '../../../proto';
const output = join(import.meta.dirname, 'src/generated');
const files = [
  'uid2/identity/v1/identity_service.proto',
  'google/rpc/status.proto',
  'google/rpc/error_details.proto',
  'grpc/health/v1/health.proto',
];

rmSync(output, { recursive: true, force: true });
mkdirSync(output);
// The options are those of src/service_definitions.ts.
execFileSync(
  'proto-loader-gen-types',
  [
    '--longs=Number',
    '--enums=String',
    '--defaults',
    '--json',
    '--grpcLib=@grpc/grpc-js',
    '--importFileExtension=.ts',
    `--includeDirs=${protoFolder}`,
    `--outDir=${output}`,
    ...files,
  ],
  { cwd: import.meta.dirname, stdio: ['ignore', 'ignore', 'inherit'] },
);

const root = new protobuf.Root();
root.resolvePath = (_, target) => join(import.meta.dirname, protoFolder, target);
const descriptor = root.loadSync(files).toJSON();
writeFileSync(
  join(output, 'descriptor.ts'),
  `export const descriptor: object = ${JSON.stringify(descriptor)};\n`,
);
