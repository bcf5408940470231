// SPDX-License-Identifier: GPL-2.0-only
/* The PC's battery clock (Motorola MC146818 data sheet; century as in ACPI's FADT). */
#include <errno.h>
#include <init.h>
#include <plat/x86.h>
#include <spinlock.h>
#include <time.h>

#define CMOS_INDEX	0x70
#define CMOS_DATA	0x71
#define RTC_SECONDS	0x00
#define RTC_MINUTES	0x02
#define RTC_HOURS	0x04
#define RTC_DAY		0x07
#define RTC_MONTH	0x08
#define RTC_YEAR	0x09
#define RTC_STATUS_A	0x0a
#define RTC_STATUS_B	0x0b
#define RTC_CENTURY	0x32
#define A_UPDATING	0x80
#define B_SET		0x80
#define B_BINARY	0x04
#define B_24_HOURS	0x02
#define HOUR_PM		0x80
#define TRIES		100000		/* an update takes 2 ms, a read of a port 1 us and less */
#define SECONDS_A_DAY	86400

struct rtc_time {
	u32 sec, min, hour, day, month, year;
};

static DEFINE_SPINLOCK(cmos_lock);	/* index and data register belong together */

static u8 cmos_read(u8 reg)
{
	outb(CMOS_INDEX, reg);
	return inb(CMOS_DATA);
}

static void cmos_write(u8 reg, u8 v)
{
	outb(CMOS_INDEX, reg);
	outb(CMOS_DATA, v);
}

static u32 from_bcd(u32 v)
{
	return (v >> 4) * 10 + (v & 0xf);
}

static u8 to_bcd(u32 v)
{
	return (u8)(v / 10 << 4 | v % 10);
}

static void read_raw(struct rtc_time *t)
{
	t->sec = cmos_read(RTC_SECONDS);
	t->min = cmos_read(RTC_MINUTES);
	t->hour = cmos_read(RTC_HOURS);
	t->day = cmos_read(RTC_DAY);
	t->month = cmos_read(RTC_MONTH);
	t->year = cmos_read(RTC_YEAR);
}

static bool same_time(const struct rtc_time *a, const struct rtc_time *b)
{
	return a->sec == b->sec && a->min == b->min && a->hour == b->hour &&
	       a->day == b->day && a->month == b->month && a->year == b->year;
}

static u32 hour_of(u32 raw, u8 status)
{
	u32 hour = raw & ~HOUR_PM;

	if (!(status & B_BINARY))
		hour = from_bcd(hour);
	if (status & B_24_HOURS)
		return hour;
	return hour % 12 + (raw & HOUR_PM ? 12 : 0);
}

static void decode(struct rtc_time *t, u8 status)
{
	u32 century = from_bcd(cmos_read(RTC_CENTURY));

	t->hour = hour_of(t->hour, status);
	if (!(status & B_BINARY)) {
		t->sec = from_bcd(t->sec);
		t->min = from_bcd(t->min);
		t->day = from_bcd(t->day);
		t->month = from_bcd(t->month);
		t->year = from_bcd(t->year);
	}
	t->year += century >= 19 && century < 30 ? century * 100 : 2000;
}

/* Days from 1970-01-01 in the Gregorian calendar, counted in years that begin in March. */
static s64 days_from_date(u32 year, u32 month, u32 day)
{
	u32 y = month > 2 ? year : year - 1;
	u32 m = month > 2 ? month - 3 : month + 9;

	return 365LL * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static void date_from_days(s64 days, struct rtc_time *t)
{
	u32 z = (u32)(days + 719468), era = z / 146097, doe = z % 146097;
	u32 yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	u32 doy = doe - (365 * yoe + yoe / 4 - yoe / 100), m = (5 * doy + 2) / 153;

	t->day = doy - (153 * m + 2) / 5 + 1;
	t->month = m < 10 ? m + 3 : m - 9;
	t->year = era * 400 + yoe + (t->month <= 2);
}

/*
 * The registers may not be read while they change once a second; two equal
 * readings outside of that are consistent.
 */
static bool read_stable(struct rtc_time *t)
{
	struct rtc_time again;
	u32 i;

	/* Ports without a clock read as ones, which no clock's status register does. */
	if (cmos_read(RTC_STATUS_A) == 0xff)
		return false;
	for (i = 0; i < TRIES; i++) {
		if (cmos_read(RTC_STATUS_A) & A_UPDATING)
			continue;
		read_raw(t);
		if (cmos_read(RTC_STATUS_A) & A_UPDATING)
			continue;
		read_raw(&again);
		if (same_time(t, &again))
			return true;
	}
	return false;
}

/* An empty battery leaves anything. */
static bool plausible(const struct rtc_time *t)
{
	return t->year >= 1970 && t->month >= 1 && t->month <= 12 && t->day >= 1 && t->day <= 31 &&
	       t->hour < 24 && t->min < 60 && t->sec < 60;
}

/* The contract stands at struct rtc. What the clock shows is taken to be UTC. */
static u64 cmos_clock_read(void)
{
	struct rtc_time t = { 0 };
	unsigned long flags;
	bool ok;

	spin_lock_irqsave(&cmos_lock, flags);
	ok = read_stable(&t);
	if (ok)
		decode(&t, cmos_read(RTC_STATUS_B));
	spin_unlock_irqrestore(&cmos_lock, flags);
	if (!ok || !plausible(&t))
		return 0;
	return (u64)(days_from_date(t.year, t.month, t.day) * SECONDS_A_DAY +
		     t.hour * 3600 + t.min * 60 + t.sec) * NSEC_PER_SEC;
}

static void write_time(const struct rtc_time *t)
{
	u8 status = cmos_read(RTC_STATUS_B);

	cmos_write(RTC_STATUS_B, (u8)((status | B_SET | B_24_HOURS) & ~B_BINARY));
	cmos_write(RTC_SECONDS, to_bcd(t->sec));
	cmos_write(RTC_MINUTES, to_bcd(t->min));
	cmos_write(RTC_HOURS, to_bcd(t->hour));
	cmos_write(RTC_DAY, to_bcd(t->day));
	cmos_write(RTC_MONTH, to_bcd(t->month));
	cmos_write(RTC_YEAR, to_bcd(t->year % 100));
	cmos_write(RTC_CENTURY, to_bcd(t->year / 100));
	cmos_write(RTC_STATUS_B, (u8)((status | B_24_HOURS) & ~(B_SET | B_BINARY)));
}

static int cmos_clock_write(u64 ns)
{
	u64 sec = ns / NSEC_PER_SEC;
	u32 rest = (u32)(sec % SECONDS_A_DAY);
	struct rtc_time t = { .sec = rest % 60, .min = rest / 60 % 60, .hour = rest / 3600 };
	unsigned long flags;

	if (!cmos_clock_read())
		return -ENODEV;
	date_from_days((s64)(sec / SECONDS_A_DAY), &t);
	spin_lock_irqsave(&cmos_lock, flags);
	write_time(&t);
	spin_unlock_irqrestore(&cmos_lock, flags);
	return 0;
}

static const struct rtc cmos_clock = { .read = cmos_clock_read, .write = cmos_clock_write };

static int rtc_cmos_init(void)
{
	rtc_register(&cmos_clock);
	return 0;
}
early_initcall(rtc_cmos_init);
