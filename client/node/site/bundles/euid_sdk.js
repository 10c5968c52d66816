// SPDX-License-Identifier: Apache-2.0
// The EUID SDK for JavaScript: importing the package installs window.__euid, as its script does.
import '@unified-id/euid-sdk';
