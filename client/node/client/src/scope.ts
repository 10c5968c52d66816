// SPDX-License-Identifier: Apache-2.0
/** Which of the two products an identity belongs to: the `scope` of the participant. */
export type Scope = 'UID2' | 'EUID';
