# SPDX-License-Identifier: Apache-2.0
"""The tests' Python code. Modules import each other by their path from the repository's root."""
