"""An emulator of the UID2 / EUID operator's publisher API, for tests."""
