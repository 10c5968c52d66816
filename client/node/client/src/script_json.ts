// SPDX-License-Identifier: Apache-2.0
// What could end a script element, begin a comment in it, or end a line of it.
const ESCAPED = /[<>&\u2028\u2029]/g;

/**
 * JSON that can stand inside a `<script>` element, of either kind, whatever the value holds. The
 * template must not escape it again: entities are not decoded there.
 *
 * `Identity.json` has these escapes already: embed that as it stands.
 */
export function toScriptJson(value: unknown): string {
  const json = JSON.stringify(value) as string | undefined;
  if (json === undefined) throw new TypeError('the value has no JSON form');
  return json.replace(
    ESCAPED,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
