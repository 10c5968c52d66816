// SPDX-License-Identifier: Apache-2.0
// Importing the package installs window.__euid, unless that is an SDK already.
export const installed = window.__euid;
window.__euid = { init() {} };
