// SPDX-License-Identifier: Apache-2.0
import { showAdRequest } from './panels.js';

showAdRequest(JSON.parse(document.getElementById('page-data').textContent));
