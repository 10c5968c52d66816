// SPDX-License-Identifier: Apache-2.0
// A bidder whose server is this site: shows what a bid request carries.
import pbjs from 'prebid.js';

pbjs.registerBidAdapter(undefined, 'house', {
  code: 'house',
  supportedMediaTypes: ['banner'],
  isBidRequestValid: () => true,
  buildRequests: (bids, { ortb2, timeout }) => ({
    method: 'POST',
    url: '/prebid/bids',
    data: {
      imp: bids.map(({ bidId }) => ({ id: bidId })),
      user: { ext: { eids: ortb2?.user?.ext?.eids ?? bids[0]?.userIdAsEids ?? [] } },
      tmax: timeout,
    },
    options: { contentType: 'application/json', withCredentials: false },
  }),
  interpretResponse: ({ body }) => body.bids,
});
