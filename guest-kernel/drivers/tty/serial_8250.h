/* SPDX-License-Identifier: GPL-2.0-only */
/* Registers of the 8250 family (National Semiconductor PC16550D data sheet, table II). */
#ifndef _SERIAL_8250_H
#define _SERIAL_8250_H

#define UART_RX		0	/* read */
#define UART_TX		0	/* write */
#define UART_DLL	0	/* with LCR_DLAB: divisor */
#define UART_DLM	1
#define UART_IER	1
#define UART_IIR	2	/* read */
#define UART_FCR	2	/* write */
#define UART_LCR	3
#define UART_MCR	4
#define UART_LSR	5
#define UART_MSR	6
#define UART_SCRATCH	7

#define IER_RX		0x01
#define IER_TX		0x02
#define IER_LINE	0x04
#define IIR_NONE	0x01
#define IIR_FIFO	0xc0	/* both: there are FIFOs, and they work */
#define FCR_ENABLE	0x01
#define FCR_CLEAR	0x06
#define FCR_TRIGGER_8	0x80
#define LCR_8BIT	0x03
#define LCR_STOP2	0x04
#define LCR_PARITY	0x08
#define LCR_EVEN	0x10
#define LCR_DLAB	0x80
#define MCR_DTR		0x01
#define MCR_RTS		0x02
#define MCR_OUT2	0x08	/* on PCs: lets the interrupt through */
#define LSR_DATA	0x01
#define LSR_BREAK	0x10
#define LSR_THR_EMPTY	0x20
#define LSR_IDLE	0x40

#define UART_FIFO	16
#define UART_BASE_BAUD	115200

#endif
