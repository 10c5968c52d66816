// SPDX-License-Identifier: Apache-2.0
import { ConfigError, readConfig } from './config.ts';
import { startSite } from './start.ts';

const say = (text: string) => process.stderr.write(`site: ${text}\n`);

try {
  const config = readConfig(process.env);
  const site = await startSite(config);
  if (config.sessionKeyIsRandom) say('no SITE_SESSION_KEY: sessions end with this process');
  process.stdout.write(`site listening on ${site.url}\n`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => void site.close());
} catch (error) {
  if (error instanceof ConfigError) {
    error.problems.forEach(say);
    process.exit(2);
  }
  say(`did not start: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
