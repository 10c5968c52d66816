// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Snippet {
  /** Where the lines run, in words: "web tier", "page". */
  readonly place: string;
  readonly file: string;
  readonly lines: string;
}

const START = /(?:\/\/|\/\*) snippet: ([\w-]+)/;
const END = /(?:\/\/|\/\*) end snippet/;

/**
 * The marked lines of a running source file, so that what a page shows is what made it. Throws
 * where the file has no such lines: a page must not start without them.
 */
export function snippet(root: string, place: string, file: string, name: string): Snippet {
  const lines: string[] = [];
  let inside = false;
  for (const line of readFileSync(join(root, file), 'utf8').split('\n')) {
    if (inside && END.test(line)) return { place, file, lines: dedent(lines) };
    if (inside) lines.push(line);
    if (START.exec(line)?.[1] === name) inside = true;
  }
  throw new Error(`${file}: no lines between "snippet: ${name}" and "end snippet"`);
}

function dedent(lines: readonly string[]): string {
  const indents = lines.filter((line) => line.trim()).map((line) => line.search(/\S/));
  const indent = Math.min(...indents);
  return lines.map((line) => line.slice(indent)).join('\n');
}
