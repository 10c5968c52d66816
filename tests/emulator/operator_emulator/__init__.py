# SPDX-License-Identifier: Apache-2.0
"""An emulator of the UID2 / EUID operator's publisher API, for tests."""
