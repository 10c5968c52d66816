import { showAdRequest } from './panels.js';

showAdRequest(JSON.parse(document.getElementById('page-data').textContent));
