// SPDX-License-Identifier: Apache-2.0
// What newlib asks of a system: one console, a heap, a clock, and an end.

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/times.h>

#include "console.h"
#include "psci.h"
#include "runtime.h"
#include "syscalls.h"
#include "timer.h"

#define FD_STDERR 2

static int fail(int number)
{
	errno = number;
	return -1;
}

int _read(int fd, char *bytes, size_t size)
{
	if (fd != 0) {
		return fail(EBADF);
	}
	return size == 0 ? 0 : (int)console_read(bytes, size);
}

int _write(int fd, const char *bytes, size_t size)
{
	if (fd < 1 || fd > FD_STDERR) {
		return fail(EBADF);
	}
	console_write(bytes, size);
	return (int)size;
}

void *_sbrk(ptrdiff_t bytes)
{
	void *old = runtime_grow_heap(bytes);

	if (old == NULL) {
		errno = ENOMEM;
		return (void *)-1;
	}
	return old;
}

void _exit(int status)
{
	if (status != 0) {
		char line[48];

		snprintf(line, sizeof(line), "inmate: exit status %d\n",
			 status);
		console_puts(line);
	}
	psci_system_off();
}

int _close(int fd)
{
	return fd >= 0 && fd <= FD_STDERR ? 0 : fail(EBADF);
}

int _fstat(int fd, struct stat *status)
{
	if (fd < 0 || fd > FD_STDERR) {
		return fail(EBADF);
	}
	status->st_mode = S_IFCHR;
	return 0;
}

int _isatty(int fd)
{
	return fd >= 0 && fd <= FD_STDERR ? 1 : 0;
}

off_t _lseek(int fd, off_t offset, int whence)
{
	(void)fd;
	(void)offset;
	(void)whence;
	return fail(ESPIPE);
}

int _open(const char *path, int flags, int mode)
{
	(void)path;
	(void)flags;
	(void)mode;
	return fail(ENOENT);
}

int _getpid(void)
{
	return 1;
}

int _kill(int pid, int signal)
{
	(void)pid;
	if (signal != 0) {
		_exit(128 + signal);
	}
	return 0;
}

int _gettimeofday(struct timeval *time, void *zone)
{
	const uint64_t now_us = timer_now_us();

	(void)zone;
	time->tv_sec = (time_t)(now_us / 1000000);
	time->tv_usec = (suseconds_t)(now_us % 1000000);
	return 0;
}

clock_t _times(struct tms *times)
{
	times->tms_utime = (clock_t)(timer_now_us() * CLOCKS_PER_SEC / 1000000);
	times->tms_stime = 0;
	times->tms_cutime = 0;
	times->tms_cstime = 0;
	return times->tms_utime;
}
