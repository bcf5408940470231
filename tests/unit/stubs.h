/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef STUBS_H
#define STUBS_H

/* The next so many allocations fail. */
extern unsigned int unit_fail_allocations;
/* Objects that were allocated and not freed. */
extern long unit_live_objects;

#endif
