# SPDX-License-Identifier: GPL-2.0-only
"""scripts/bench: what is measured, where, and how it is shown."""
