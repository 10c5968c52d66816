// SPDX-License-Identifier: Apache-2.0
import type { FastifyReply } from 'fastify';
import { sessionMark } from './session.ts';
import { sdkUrl, type Site } from './site.ts';

export const NAVIGATION = [
  ['/', 'Overview'],
  ['/identity', 'Identity'],
  ['/client-server', 'UID2 SDK'],
  ['/euid', 'EUID and consent'],
  ['/prebid', 'Prebid.js'],
  ['/secure-signals', 'Secure signals'],
  ['/server-side', 'Server-side'],
] as const;

export const PAGES: readonly string[] = NAVIGATION.map(([path]) => path);

/** Renders a view inside the layout, with what every page needs. */
export async function render(
  reply: FastifyReply,
  site: Site,
  view: string,
  data: object,
): Promise<string> {
  const { session } = reply.request;
  const notice = session.get('notice');
  if (notice) session.set('notice', undefined);
  const user = session.get('user');
  return reply.viewAsync(
    view,
    {
      path: reply.request.routeOptions.url ?? '',
      navigation: NAVIGATION,
      user,
      mark: sessionMark(user),
      csrf: reply.generateCsrf(),
      nonce: reply.cspNonce.script,
      notice,
      uid2SdkUrl: sdkUrl(site.config, 'uid2'),
      euidSdkUrl: sdkUrl(site.config, 'euid'),
      // For data that a script reads; see views/layout.eta.
      pageData: {},
      snippets: [],
      ...data,
    },
    { layout: 'layout' },
  );
}
