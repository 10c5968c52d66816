import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { BuiltScripts } from './built_scripts.ts';
import type { Config, Scope } from './config.ts';
import { EndedSessions } from './ended_sessions.ts';
import { Identities } from './identities.ts';
import type { SingleSignOn } from './single_sign_on.ts';
import { snippet, type Snippet } from './snippets.ts';

/** What every route has at hand. */
export interface Site {
  readonly config: Config;
  readonly identities: Identities;
  readonly ended: EndedSessions;
  readonly scripts: BuiltScripts;
  readonly sso: SingleSignOn;
  /** Folder of the sources. */
  readonly root: string;
}

/** Where the page loads the SDK of this scope from. */
export function sdkUrl(config: Config, scope: Scope): string {
  return config[scope]?.sdkUrl ?? `/scripts/${scope}-sdk.js`;
}

export const ROOT = import.meta.dirname;

/** The lines that a page shows beside itself. */
export function snippets(...wanted: readonly (readonly [place: string, file: string, name: string])[]): Snippet[] {
  return wanted.map(([place, file, name]) => snippet(ROOT, place, file, name));
}

export type Routes = (app: FastifyInstance, site: Site) => void;

export function sourceFolder(name: string): string {
  return join(ROOT, name);
}
