// SPDX-License-Identifier: Apache-2.0
// snippet: bundle
import pbjs from 'prebid.js';
import 'prebid.js/modules/userId';
import 'prebid.js/modules/uid2IdSystem';
import './house_bidder.js'; // in its place: the adapters of your bidders

pbjs.processQueue();
// end snippet
