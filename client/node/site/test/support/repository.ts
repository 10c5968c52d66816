import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The root of the repository, or of the runfiles under Bazel. */
export const REPOSITORY = join(import.meta.dirname, '../../../../..');

const SERVERS = ['server/identity_server', 'bazel-bin/server/identity_server'];

export function serverBinary(): string {
  const path = SERVERS.map((name) => join(REPOSITORY, name)).find((name) => existsSync(name));
  if (!path) throw new Error('no identity_server: run bazel build //server:identity_server');
  return path;
}
