// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { BuiltScripts } from './built_scripts.ts';
import type { Config, Scope } from './config.ts';
import type { EndedSessions } from './ended_sessions.ts';
import type { Identities } from './identities.ts';
import type { SingleSignOn } from './single_sign_on.ts';
import { snippet, type Snippet } from './snippets.ts';

/** Folder of the sources. */
export const ROOT = import.meta.dirname;

/** What every route has at hand. */
export interface Site {
  readonly config: Config;
  readonly identities: Identities;
  readonly ended: EndedSessions;
  readonly scripts: BuiltScripts;
  readonly sso: SingleSignOn;
}

/** Where the page loads the SDK of this scope from. */
export function sdkUrl(config: Config, scope: Scope): string {
  return config[scope]?.sdkUrl ?? `/scripts/${scope}-sdk.js`;
}

/** The lines that a page shows beside itself. */
export function snippets(
  ...wanted: readonly (readonly [place: string, file: string, name: string])[]
): Snippet[] {
  return wanted.map(([place, file, name]) => snippet(ROOT, place, file, name));
}

export function sourceFolder(name: string): string {
  return join(ROOT, name);
}
