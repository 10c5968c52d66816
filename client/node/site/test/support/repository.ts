// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The root of the repository. */
export const REPOSITORY = join(import.meta.dirname, '../../../../..');

/** The one that Bazel's test names, or the one that was built last. */
export function serverBinary(): string {
  const built = join(REPOSITORY, 'bazel-bin/server/identity_server');
  const path = process.env['IDENTITY_SERVER'] ?? built;
  if (!existsSync(path)) throw new Error(`no ${path}: run bazel build //server:identity_server`);
  return path;
}
