// SPDX-License-Identifier: GPL-2.0-only
/*
 * The orderly end of the machine: reboot(2), and the wish from outside for it.
 */
#define pr_fmt(f) "reboot: " f
#include <fs.h>
#include <log.h>
#include <platform/platform.h>
#include <process.h>
#include <signal.h>
#include <syscall.h>

#define MAGIC1		0xfee1deadU
#define CMD_CAD_OFF	0x00000000U
#define CMD_CAD_ON	0x89abcdefU
#define CMD_RESTART	0x01234567U
#define CMD_RESTART2	0xa1b2c3d4U
#define CMD_HALT	0xcdef0123U
#define CMD_POWER_OFF	0x4321fedcU

static bool magic2_ok(u32 magic)
{
	return magic == 672274793 || magic == 85072278 || magic == 369367448 || magic == 537993216;
}

/**
 * poweroff_request - Somebody outside the machine wants it to end in order.
 *
 * Init hears of it as SIGPWR and takes the system down. Without an init there is nothing to be
 * taken down.
 *
 * Context: any but NMI.
 */
void poweroff_request(void)
{
	pr_notice("asked to switch off\n");
	if (!init_process)
		platform_poweroff(0);
	send_signal(init_process, SIGPWR, NULL);
}

/* CAD_ON, which is how the machine starts: Ctrl-Alt-Del restarts it, whether init likes it or not. */
static bool restart_at_once = true;

static void restart_work(struct work *w)
{
	(void)w;
	pr_notice("restarting by Ctrl-Alt-Del\n");
	platform_reboot();
}

/**
 * ctrl_alt_del - The keys were hit: restarts the machine, or tells init (reboot(2), CAD_ON).
 *
 * Context: any but NMI.
 */
void ctrl_alt_del(void)
{
	static struct work work = { .fn = restart_work, .node = LIST_HEAD_INIT(work.node) };

	if (READ_ONCE(restart_at_once))
		work_queue(&work);
	else if (init_process)
		send_signal(init_process, SIGINT, NULL);
}

long sys_reboot(unsigned long magic1, unsigned long magic2, unsigned long cmd, unsigned long arg)
{
	(void)arg;
	if (!capable(CAP_SYS_BOOT))
		return -EPERM;
	if ((u32)magic1 != MAGIC1 || !magic2_ok((u32)magic2))
		return -EINVAL;
	switch ((u32)cmd) {
	case CMD_CAD_OFF:
	case CMD_CAD_ON:
		WRITE_ONCE(restart_at_once, (u32)cmd == CMD_CAD_ON);
		return 0;
	case CMD_RESTART:
	case CMD_RESTART2:
		pr_notice("restarting\n");
		platform_reboot();
	case CMD_HALT:
	case CMD_POWER_OFF:
		pr_notice("power off\n");
		platform_poweroff(0);
	default:
		return -EINVAL;
	}
}
