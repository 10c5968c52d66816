// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Config } from './config.ts';

/** A script that the site makes once, at start, and serves from memory. */
export type BuiltScripts = ReadonlyMap<string, string>;

/**
 * Bundles what has to be bundled: Prebid.js with the modules that the page uses, and, where no
 * address is configured for it, the SDK for JavaScript from its npm package.
 */
export async function buildScripts(root: string, config: Config): Promise<BuiltScripts> {
  const bundle = async (entry: string) => {
    const result = await build({
      entryPoints: [join(root, 'bundles', entry)],
      bundle: true,
      minify: true,
      write: false,
      format: 'iife',
      target: 'es2022',
      legalComments: 'eof',
      logLevel: 'error',
    });
    return result.outputFiles[0]?.text ?? '';
  };
  const [prebid, uid2, euid] = await Promise.all([
    bundle('prebid.js'),
    config.sdkFile ? readFile(config.sdkFile, 'utf8') : bundle('uid2_sdk.js'),
    bundle('euid_sdk.js'),
  ]);
  return new Map([
    ['prebid.js', prebid],
    ['uid2-sdk.js', uid2],
    ['euid-sdk.js', euid],
  ]);
}
