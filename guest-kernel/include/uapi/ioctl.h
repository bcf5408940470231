/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ABI: ioctl(2) requests that are the same for all kinds of files.
 */
#ifndef _UAPI_IOCTL_H
#define _UAPI_IOCTL_H

#define FIONREAD	0x541b
#define FIONBIO		0x5421
#define FIONCLEX	0x5450
#define FIOCLEX		0x5451
#define FIOASYNC	0x5452

#endif
