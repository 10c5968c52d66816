// SPDX-License-Identifier: Apache-2.0
import { startSite } from './start.ts';
import { ConfigError, readConfig } from './config.ts';

try {
  const started = await startSite(readConfig(process.env));
  process.stdout.write(`site listening on ${started.url}\n`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void started.close());
  }
} catch (error) {
  if (error instanceof ConfigError) {
    for (const problem of error.problems) process.stderr.write(`site: ${problem}\n`);
    process.exitCode = 2;
  } else {
    process.stderr.write(
      `site: did not start: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    process.exitCode = 1;
  }
}
