// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { codeHtml } from '../code_view.ts';

describe('codeHtml', () => {
  test('escapes everything, inside tokens too', () => {
    const html = codeHtml(`const a = '<b>'; // <i> & "x"`);
    assert.equal(
      html,
      '<span class="keyword">const</span> a = <span class="string">&#39;&lt;b&gt;&#39;</span>; ' +
        '<span class="comment">// &lt;i&gt; &amp; &quot;x&quot;</span>',
    );
  });
});
